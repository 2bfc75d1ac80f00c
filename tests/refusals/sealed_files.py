"""What the host, or whoever got hold of its disk, may try on a sealed file, its readers and its approvals."""

from tests.refusals.row import Row, here, there

SEALED = "sealing/test_sealed_minutes"
ELSEWHERE = "sealing/test_age_elsewhere"
EVIDENCE, CHAIN = "log/test_evidence", "log/test_evidence_chain"
ERASURE, FOR_GOOD, REWRAP = "usecases/test_erasure", "usecases/test_erased_for_good", "usecases/test_rewrap"

SEALED_FILES = (
    Row(
        "M1",
        "The writer puts two different file keys into one header, one for each of two readers.",
        "The reader whose key did not make the header's MAC is refused; nobody is shown a second text.",
        there(SEALED, "two_file_keys_in_one_header_show_nothing_to_the_second_reader"),
    ),
    Row(
        "M2",
        "One payload is made to open under two headers as two different texts, and the second header is logged.",
        "Both open with any age program; the entry commits to one text, so checking the other ends with "
        "`altered` at the content.",
        here("two_texts", "one_payload_that_opens_as_two_texts_is_found_at_the_content")
        + there(CHAIN, "two_texts_under_one_payload_are_found_even_behind_a_logged_header")
        + there(EVIDENCE, "another_text_than_the_approved_one_is_found_by_whoever_opens_it"),
        "Whoever opens the file finds it: without an identity the content is not checked, and the verdict says so.",
    ),
    Row(
        "M3",
        "The file of one entry is stored in the place of another's.",
        "Its header and payload are not those of the leaf: refused, and named by the check of the whole log.",
        there(
            EVIDENCE,
            "the_file_of_another_entry_is_refused",
            "another_payload_under_the_same_header_is_refused",
        )
        + there("usecases/test_log", "an_edited_sealed_file_is_named"),
    ),
    Row(
        "M4",
        "A whole sealed entry is repeated as that of another meeting, number, kind, author or log.",
        "The text says inside where it belongs, so whoever opens it elsewhere finds it; a number that is taken, and "
        "minutes without an approval of their own, are named by the check of the whole log.",
        here("log_history", "an_entry_that_is_repeated_is_named_in_its_meeting_and_in_another")
        + there(EVIDENCE, "a_text_written_for_another_place_is_found", "a_proof_of_another_entry_is_refused")
        + there("sealing/test_draft_vault", "a_draft_moved_to_another_place_is_refused"),
    ),
    Row(
        "M5",
        "A header is replaced by one made anew, for other readers, that nobody logged.",
        "Refused as altered, handed out to nobody, and named by the check of the whole log.",
        there(EVIDENCE, "another_header_before_the_same_payload_is_refused")
        + there(
            CHAIN,
            "a_header_made_anew_and_logged_is_that_of_the_entry",
            "a_new_header_of_something_else_is_refused",
        )
        + there(REWRAP, "a_header_that_nobody_logged_is_refused_and_named"),
    ),
    Row(
        "M6",
        "A file is sealed to one reader more than its list names.",
        "Readers are counted without any key: one more or one less is told.",
        there(EVIDENCE, "a_reader_that_no_policy_names_is_found")
        + there(
            SEALED,
            "a_reader_more_or_less_than_announced_is_noticed",
            "recipients_are_counted_without_any_key",
            "a_stanza_added_or_taken_away_is_noticed",
        ),
        "A key that a recipient of the list passes on outside is beyond any count.",
    ),
    Row(
        "M7",
        "Minutes are sealed to a classical key beside a post-quantum one, here or by another program.",
        "Refused when a key is named, when a text is sealed, and when a file or header made elsewhere comes in.",
        there(
            SEALED,
            "minutes_are_never_sealed_to_a_classical_key",
            "a_classical_stanza_beside_ours_is_refused_although_the_file_is_valid_age",
            "recipients_of_other_kinds_or_damaged_ones_are_refused",
        )
        + there(ELSEWHERE, "a_file_that_is_also_sealed_to_a_classical_key_elsewhere_is_refused")
        + there("web/test_erasure", "what_is_no_header_is_told_so"),
    ),
    Row(
        "M8",
        "The list of readers is empty, names one twice, is another than the one in force, or lacks an archive.",
        "Nothing is circulated or sealed; who has no key is named.",
        there(SEALED, "minutes_are_sealed_to_somebody_and_to_each_once")
        + there("log/test_leaves", "every_agency_of_a_policy_has_an_archive_that_can_open")
        + there(EVIDENCE, "an_entry_that_names_another_policy_is_refused")
        + there("usecases/test_opening_keys", "who_has_no_key_is_named_and_nothing_is_circulated"),
    ),
    Row(
        "M9",
        "One byte of a stored file is changed.",
        "No part of the text comes out, here, in the browser, or with another age program.",
        there(SEALED, "no_byte_can_be_changed_without_the_whole_text_being_refused")
        + there(ELSEWHERE, "an_altered_file_is_refused_elsewhere_too")
        + there("web/test_audit_page", "a_file_altered_on_its_way_is_refused_whole"),
    ),
    Row(
        "M10",
        "A file is cut at a border of its chunks, lengthened, or its chunks change places.",
        "Refused whole.",
        there(
            SEALED,
            "a_file_cut_at_a_border_of_its_parts_is_refused",
            "a_file_with_something_behind_its_end_is_refused",
            "chunks_in_another_order_are_refused",
            "a_file_whose_last_chunk_is_empty_is_refused",
        ),
    ),
)

AGREED = (
    Row(
        "M21",
        "An approval is used again for another entry, list, log or addendum, given by a key that was removed, or "
        "counted twice.",
        "A signature counts once, in its one place, under the list of its time, for the agency that the list names.",
        there(
            CHAIN,
            "a_signature_does_not_count_in_another_place",
            "an_approval_of_an_amended_entry_is_not_one_of_its_addendum",
            "a_key_that_the_policy_does_not_name_does_not_sign",
            "two_approvals_of_one_agency_count_once",
            "an_approval_given_before_the_policy_was_in_force_does_not_count",
        )
        + there(
            "usecases/test_signed_approvals",
            "a_signature_of_somebody_else_or_for_something_else_is_refused",
            "a_withdrawn_approver_signs_until_every_agency_has_consented",
        )
        + there(EVIDENCE, "the_same_approval_twice_is_refused"),
        "Where an agency names no key, its approval is what the service says of it, and every verdict tells so.",
    ),
    Row(
        "M22",
        "A new list of keys is used that two of three agencies have consented to.",
        "It is not in force; what is sealed under it is not valid, and is named.",
        there(
            "domain/test_policies",
            "two_of_three_agencies_change_nothing",
            "a_yes_that_is_placed_again_behind_a_no_does_not_count",
        )
        + there(
            CHAIN,
            "two_of_three_agencies_are_not_enough",
            "a_policy_that_not_every_agency_consented_to_was_never_in_force",
        )
        + there("usecases/test_log_meanings", "minutes_under_a_list_that_not_all_consented_to_are_named")
        + there(
            "usecases/test_opening_keys",
            "without_consent_a_new_key_opens_nothing_and_a_withdrawn_one_still_does",
        ),
        limits="An evidence file shows the lists and consents that were put into it: a later list, or a no before a "
        "yes, that the service leaves out is found only by checking the whole log (`meetcoord log fsck` on an export).",
    ),
    Row(
        "M23",
        "A sealed file is deleted without the consents that its list asks for, or without the archives' visa.",
        "The service does not do it; a file that went all the same is named as missing.",
        there(
            ERASURE,
            "without_the_archives_visa_nothing_is_asked",
            "a_file_that_went_without_consent_is_named",
            "a_rejected_erasure_is_taken_up_again_as_a_new_request_only",
            "one_place_in_the_code_destroys_a_sealed_file",
        )
        + there(
            "domain/test_erasures",
            "a_consent_that_must_not_count_is_refused",
            "a_yes_that_is_placed_again_behind_a_no_erases_nothing",
            "a_request_that_names_another_document_than_its_entry_is_refused",
        )
        + there("cli/test_rewrap_and_erase", "a_lie_about_what_would_be_erased_is_told_and_not_signed")
        + there("usecases/test_log", "a_removed_sealed_file_is_named"),
    ),
    Row(
        "M24",
        "A file is erased with every consent, and a backup from before is put back.",
        "Its leaf and all proofs hold, the file is gone and told to be gone, and what a backup brings back is not "
        "handed out and goes again.",
        there(
            ERASURE,
            "the_last_consent_destroys_the_file_and_everything_says_so",
            "evidence_taken_before_and_that_of_other_entries_stay_intact",
            "a_file_that_came_back_is_named_never_handed_out_and_goes_again",
        )
        + there(
            FOR_GOOD,
            "no_piece_of_the_ciphertext_stays_in_the_database_or_its_journal",
            "a_restored_backup_does_not_bring_it_back",
            "the_entry_is_still_proven_by_the_log_alone",
        ),
        "Copies that agencies fetched, and backups that lie elsewhere, are theirs to destroy.",
    ),
    Row(
        "M25",
        "An auditor who was removed opens what is sealed afterwards, or an old file under its new header.",
        "There is nothing for her key in either.",
        there("usecases/test_opening_keys", "a_removed_auditor_opens_nothing_new_once_all_have_consented")
        + there(REWRAP, "an_auditor_who_left_finds_no_key_of_hers_in_the_new_header"),
        "What she opened or copied before stays with her: a new header takes back no file that was handed out.",
    ),
    Row(
        "M26",
        "An auditor who came later cannot open what was sealed before.",
        "Once a header made anew is confirmed and logged she opens every earlier entry; no byte of a payload changes.",
        there(
            REWRAP,
            "an_auditor_who_comes_later_opens_what_was_sealed_before",
            "the_log_says_who_made_which_header_for_whom",
            "a_header_that_opens_nothing_locks_nobody_out",
        )
        + there("web/test_erasure", "a_header_is_sent_fetched_and_confirmed_by_the_other_agency"),
    ),
)
