"""What the API says of the log's witnesses."""

from tests.web.conftest import Asking


async def test_a_log_that_nobody_cosigns_says_so_plainly(city_program: Asking, nobody: Asking) -> None:
    told = (await city_program.get("/v1/log/witnesses")).json()
    assert told["sentence"] == "This log is not cosigned: no witnesses are configured."
    assert (told["items"], told["cosigned_size"], told["policy"]) == ([], None, "")
    assert (await nobody.get("/v1/log/witnesses")).status_code == 401
    assert (await nobody.get("/log/cosigned-checkpoint")).status_code == 404
    assert (await nobody.get("/readyz")).json() == {"status": "ready"}
