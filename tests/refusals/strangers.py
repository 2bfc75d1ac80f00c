"""What somebody without a seat may try: with a token she made or found, or with none."""

from tests.refusals.row import NOT_YET, Row, here, there

TOKENS = (
    Row(
        "J1",
        "A token names an algorithm of its writer's choice: none, or one whose secret would be our public key.",
        "One algorithm per kind of token, never the one that the token asks for.",
        here("altered_tokens", "what_is_signed_by_nobody_by_another_key_or_by_a_public_one_is_refused")
        + there("jitsi/test_room_tokens", "a_link_forged_with_the_published_key_as_its_secret_is_refused"),
    ),
    Row(
        "J2",
        "A token lacks a claim, or gives one in a type that a lenient reader would still understand.",
        "Links are read with exact claims in exact types; room tokens are written with all of theirs and die within "
        "15 minutes, or sooner where the profile says so.",
        here("altered_tokens", "a_right_signature_does_not_make_up_for_other_claims")
        + there(
            "jitsi/test_room_tokens",
            "the_claims_are_exactly_those_jitsi_reads_in_the_types_it_reads",
            "the_token_lives_no_longer_than_its_pass",
        )
        + there("jitsi/test_room_control", "the_token_names_the_room_and_lives_for_a_minute"),
        "Room tokens are read by Jitsi, not by us: `meetcoord check rooms` proves a live server.",
    ),
    Row(
        "J3",
        "A secret of one kind is shown where another kind is asked for.",
        "Link, room token, system token, API key, Jitsi's secret, device, code and log note each open their own door.",
        here(
            "cross_use",
            "each_kind_opens_its_own_doors_of_the_interface_and_no_other",
            "the_join_page_takes_a_link_for_a_link_and_nothing_else",
            "a_device_and_a_code_are_proven_by_nothing_else",
            "the_keys_we_publish_verify_one_kind_of_token_each",
            "no_secret_counts_where_it_does_not_belong",
        )
        + there("jitsi/test_room_tokens", "room_tokens_links_and_log_notes_cannot_stand_in_for_each_other"),
        "Room tokens and system tokens look alike to Jitsi: two keys at two addresses keep them apart, which holds "
        "where Prosody is told of the second address.",
    ),
    Row(
        "J4",
        "A token says where its key is, brings it along, or claims an extension that must be understood.",
        "A key is looked up by name among ours; any other header is refused, and nothing is fetched.",
        here(
            "altered_tokens",
            "a_right_signature_does_not_make_up_for_another_header",
            "no_token_makes_us_fetch_anything",
        ),
    ),
    Row(
        "J5",
        "A room token opens every room, or makes its holder a moderator.",
        "A token names one room letter by letter; who moderates stands in the database.",
        there(
            "usecases/test_join",
            "only_the_named_moderator_of_the_organiser_owns_the_room",
        )
        + there("jitsi/test_room_tokens", "the_claims_are_exactly_those_jitsi_reads_in_the_types_it_reads")
        + there("test_settings", "a_star_opens_no_room")
        + here("cross_use", "ones_own_link_opens_no_other_meeting"),
    ),
    Row(
        "J6",
        "The room token is written down by a server on the way.",
        "It stands behind # in the address, where no server sees it.",
        here("no_trace", "link_code_token_and_device_stand_in_no_log_address_or_database")
        + there("jitsi/test_room_tokens", "the_address_carries_the_token_in_quotes_behind_the_fragment"),
        "What Jitsi itself writes down after the browser has logged in is its operator's affair.",
    ),
)

OUTSIDERS = (
    Row(
        "T1",
        "A stranger guesses the name of a meeting or of a room.",
        "Names hold 128 bits of chance; what is foreign answers word for word like what does not exist.",
        here(
            "guessed_names",
            "names_hold_128_bits_of_chance_at_least",
            "a_guessed_meeting_is_simply_not_there",
            "no_route_tells_a_foreign_meeting_from_one_that_does_not_exist",
            "room_names_and_reservations_are_not_told_apart",
        ),
        "No alarm is raised: each refusal is a line of the journal, to be counted by the operator's own tools.",
    ),
    Row(
        "T2",
        "A stranger alters or forges a link.",
        "Whichever bit is altered, the refusal is the same one, is noted once, and repeats nothing of the link.",
        here("altered_tokens", "every_altered_bit_is_refused_at_the_door")
        + there(
            "identity/test_links",
            "every_single_changed_bit_is_refused",
            "a_signature_written_in_other_characters_is_refused",
        ),
    ),
    Row(
        "T3",
        "A stranger sends a thousand bad links a second.",
        "Bad links cost little and slow nobody.",
        (),
        NOT_YET + "what it costs depends on the machine, and is a matter of measuring rather than of a test.",
    ),
    Row(
        "T4",
        "A stranger learns from an answer whether somebody is known.",
        "Known and unknown are answered in the same words, headers and length.",
        here(
            "guessed_names",
            "a_known_link_and_an_unknown_one_are_answered_in_the_same_words_and_length",
            "a_known_key_with_a_wrong_secret_looks_like_an_unknown_one",
        )
        + there("web/test_codes", "whether_a_code_was_ever_asked_for_is_not_told"),
        "The time of an answer is not measured by a test.",
    ),
    Row(
        "T5",
        "Another site makes a browser send us a form, an image or a script's request.",
        "Only JSON is read, no other site may read an answer, and no cookie speaks for anybody.",
        here(
            "foreign_sites",
            "what_a_browser_sends_without_asking_us_first_is_not_read",
            "no_other_site_may_read_an_answer_and_nothing_is_kept_in_cookies",
        )
        + there("web/test_bad_input", "only_json_is_read", "a_form_of_another_site_cannot_ask"),
        "There are no cookie sessions, and so no token against their misuse.",
    ),
    Row(
        "T6",
        "A link, a code or a token is found in a log, a Referer, an address or a copy of the database.",
        "None of them is written down anywhere, in any spelling.",
        here(
            "no_trace",
            "link_code_token_and_device_stand_in_no_log_address_or_database",
            "no_row_of_any_table_holds_a_secret",
        )
        + there("usecases/test_mailed_code", "no_code_and_no_secret_of_a_device_is_written_down_anywhere"),
        "The mailbox holds the link, and the code while it counts.",
    ),
    Row(
        "T7",
        "A header claims another host, another address or another method.",
        "Our addresses come from the settings; another host is refused, and forwarded headers are not looked at.",
        here("foreign_sites", "a_header_that_anybody_can_write_changes_nothing")
        + there("web/test_problems", "only_our_own_host_is_served", "two_hosts_are_none"),
    ),
    Row(
        "T8",
        "A malformed request hides a second one from the proxy, or is read in two ways.",
        "nginx refuses it, or reads it in one way, notes it and frames it anew; the service alone refuses it too.",
        here(
            "wire",
            "malformed_requests_end_at_the_front",
            "the_service_behind_it_takes_none_of_them_either",
        ),
        "nginx ends a line at a bare LF as well: what follows it is a header or a request like any other, seen and "
        "written down as such. With a second proxy in front of nginx, see that it refuses bare LF.",
    ),
)
