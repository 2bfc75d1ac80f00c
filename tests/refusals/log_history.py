"""What the host may try on the history of the log, and what a disk, a clock or a crash may do to it."""

from tests.refusals.row import Row, here, there

LOG, WATCHED = "usecases/test_log", "usecases/test_witnesses"
COSIGNING, PROCESSES, SERVICE = "witness/test_cosigning", "witness/test_processes", "witness/test_service"
EVIDENCE, WITNESSED, COSIGNATURES = (
    "log/test_evidence",
    "log/test_evidence_witnesses",
    "log/test_cosignatures",
)
MERKLE = "log/test_merkle"

HISTORY = (
    Row(
        "M11",
        "A row of the log is edited in the database.",
        "The check names the entry; what was signed and handed out before still verifies; the service does not start "
        "on it and so signs nothing.",
        there(
            LOG,
            "an_edited_entry_is_named",
            "an_edited_entry_and_the_hash_that_fits_it_are_found_by_the_signed_root",
        )
        + here("log_history", "what_was_signed_before_a_row_was_edited_still_verifies")
        + there("cli/test_log_commands", "an_altered_entry_is_named")
        + there("cli/test_processes", "a_damaged_log_keeps_the_service_from_starting"),
    ),
    Row(
        "M12",
        "The newest entries are deleted, or an older copy is put back, and the service is started again.",
        "The checkpoint tells; where that was rolled back too, a witness has seen more: the service writes nothing "
        "until the entries are back.",
        there(LOG, "a_log_cut_short_is_found_by_the_checkpoint_that_was_signed")
        + there(WATCHED, "a_service_that_is_behind_writes_nothing_until_it_has_caught_up")
        + there(PROCESSES, "a_service_restored_from_an_old_backup_learns_that_it_is_behind")
        + there(SERVICE, "a_restored_older_copy_is_read_only_until_the_missing_entries_are_back"),
        "Without a witness of another agency that answers, a rollback of everything is not noticed at the start.",
    ),
    Row(
        "M13",
        "The host shows a witness, or one agency, another history of the same size or longer.",
        "No cosignature, and what the witness holds stays; both notes are kept as proof, and the service stops.",
        there(
            PROCESSES,
            "a_fork_finds_no_witness_and_both_notes_prove_it",
            "a_view_split_between_agencies_reaches_no_quorum",
        )
        + there("witness/test_conversation", "a_log_and_a_witness_from_the_first_checkpoint_to_a_fork")
        + there(WATCHED, "a_fork_stops_everything_and_leaves_both_notes")
        + there(SERVICE, "a_forked_database_halts_the_service_and_both_notes_are_kept"),
    ),
    Row(
        "M14",
        "Two checkpoints of one log reach a witness at once.",
        "What it holds never becomes smaller; who lost hears the new size.",
        there(COSIGNING, "in_a_race_the_size_never_goes_down", "who_lost_the_race_hears_the_new_size")
        + there("witness/test_store", "of_many_at_once_one_wins")
        + there(PROCESSES, "in_a_race_each_witness_only_grows"),
    ),
    Row(
        "M15",
        "A witness is killed, or its disk fails, before or after it has written down what it is about to cosign.",
        "Before: nothing was signed. After: asked again, it signs the same checkpoint.",
        there(
            COSIGNING,
            "killed_before_it_remembered_it_has_signed_nothing",
            "killed_after_it_remembered_it_signs_the_same_checkpoint_on_retry",
            "a_disk_that_fails_leaves_it_unsigned",
        )
        + there(
            "witness/test_power_cuts", "at_every_write_the_memory_is_whole_and_what_was_acknowledged_is_there"
        )
        + there(
            PROCESSES,
            "a_witness_killed_at_any_moment_forgets_nothing_it_signed",
            "after_a_lost_reply_the_same_checkpoint_is_cosigned",
        ),
    ),
    Row(
        "M16",
        "The cosignature of one witness is shown under the name of another, or one key cosigns several times.",
        "It counts for nobody else, and once.",
        there(COSIGNATURES, "a_relabelled_cosignature_does_not_count_for_another_witness")
        + there(
            WITNESSED,
            "a_cosignature_under_the_name_of_another_witness_is_rejected",
            "a_cosignature_of_another_checkpoint_is_rejected",
            "one_key_counts_once_however_often_it_cosigned",
        ),
    ),
    Row(
        "M17",
        "A checkpoint of another log, signed with the same key, is shown for this one.",
        "The name of the log stands in what is signed: refused.",
        there(EVIDENCE, "a_checkpoint_of_another_origin_by_the_same_key_is_refused")
        + there(COSIGNING, "the_checkpoint_of_another_log_under_the_same_key_is_refused")
        + there("usecases/test_import_log", "the_log_of_another_key_is_refused"),
    ),
    Row(
        "M18",
        "Evidence carries fewer cosignatures than the policy that its reader holds asks for.",
        "Not intact: the quorum is named, and the exit code is 1. A policy found in the file itself is counted, not "
        "trusted.",
        here("log_history", "evidence_without_the_quorum_is_an_exit_code_of_one")
        + there(
            WITNESSED,
            "two_of_three_do_not_meet_a_quorum_of_all",
            "the_policy_in_the_file_is_counted_and_not_trusted",
        ),
    ),
    Row(
        "M19",
        "A node inside the tree is shown as if it were an entry.",
        "Entries and nodes are hashed apart: refused.",
        there(MERKLE, "an_interior_node_does_not_pass_for_a_leaf")
        + there("log/test_tiles", "entries_are_not_hashes"),
    ),
    Row(
        "M20",
        "A proof is for another index, size or root, or its hashes are dropped, doubled, swapped or changed.",
        "Refused, each of them.",
        there(
            MERKLE,
            "a_spoiled_inclusion_proof_is_refused",
            "a_spoiled_consistency_proof_is_refused",
            "a_proof_of_one_index_is_not_a_proof_of_another",
            "a_consistency_proof_serves_only_its_own_sizes_and_roots",
            "another_leaf_another_root_or_another_tree_is_refused",
            "a_leaf_outside_the_tree_is_refused",
        ),
    ),
)

BYTES_AND_CLOCKS = (
    Row(
        "M27",
        "A leaf is written with a member twice, a float, a blank, another escape, or more bytes than the log takes.",
        "There is one spelling: another is neither written nor read.",
        there(
            "log/test_leaves",
            "any_other_spelling_is_refused",
            "a_leaf_too_long_for_the_log_is_neither_written_nor_read",
        )
        + there(
            "usecases/test_log_meanings", "behind_a_leaf_that_cannot_be_read_only_certain_faults_are_told"
        ),
    ),
    Row(
        "M28",
        "An author, a kind or an id holds a line break, to write a line of its own into what is sealed or signed.",
        "Refused before anything is sealed.",
        there("log/test_frames", "nobody_can_write_a_line_of_her_own_into_the_frame")
        + there("log/test_leaves", "an_id_that_could_break_a_line_or_hide_a_name_is_refused")
        + there("cli/test_approvers", "a_name_that_the_log_must_not_hold_is_refused"),
    ),
    Row(
        "M29",
        "The clock of the service is two days ahead.",
        "Nothing is refused for it; what the witnesses' clocks do not bear out is pointed at, in evidence and check.",
        there(WITNESSED, "a_time_that_the_witnesses_do_not_bear_out_is_pointed_at")
        + there(WATCHED, "an_entry_dated_later_than_a_witness_saw_it_is_pointed_at"),
        "A date that is too early is not noticed: a witness shows that an entry existed, not since when.",
    ),
    Row(
        "M30",
        "The clock of a witness is set back.",
        "It signs nothing until the clock has caught up.",
        there(COSIGNING, "a_clock_set_back_refuses_for_every_log")
        + there("witness/test_conversation", "a_clock_set_back_signs_nothing"),
    ),
    Row(
        "M31",
        "The service is killed, its disk fails or the power is cut at a write of sealing, appending or signing.",
        "After the restart the log is sound, and all that was acknowledged is there.",
        there(
            "stories/test_disk_faults",
            "nothing_said_is_lost_when_a_write_is_the_last_or_fails",
            "nothing_said_is_lost_when_the_power_is_cut",
        )
        + there("stories/test_kill", "nothing_that_was_answered_is_lost_when_the_service_is_killed")
        + there("usecases/test_remember", "what_a_crash_left_between_approval_and_seal_is_finished"),
        "By default some places of each kind of write are tried; EVERY_WRITE=1 in the environment tries all of them.",
    ),
    Row(
        "M32",
        "The service is started where the cryptographic library cannot do ML-KEM.",
        "It does not start, and says so in one sentence.",
        there("sealing/test_sealed_minutes", "the_service_does_not_start_where_it_could_not_seal"),
    ),
    Row(
        "M33",
        "Somebody searches disk, write-ahead log, temporary files, journal, backups and a core file for a sentence "
        "of the minutes, while they are drafted and after they are sealed.",
        "Not there, in no usual spelling; and a crash leaves no core file to search.",
        there(
            "stories/test_canary",
            "a_sentence_is_in_no_file_after_typing_circulating_and_sealing",
            "a_crash_leaves_no_core_file",
            "a_witness_leaves_none_either",
            "it_is_what_the_service_tells_the_kernel_that_keeps_the_core_from_being_left",
            "the_search_finds_the_sentence_in_every_spelling",
        )
        + there("usecases/test_remember", "no_file_of_the_database_ever_holds_a_readable_word_of_the_minutes")
        + there(
            "usecases/test_change_requests", "no_file_of_the_database_holds_a_readable_word_of_a_comment"
        ),
        "Not promised for the memory of the living process: while minutes are drafted the service reads them, and "
        "after sealing their text may linger in memory that was given back. Root of the host can read it, and swap "
        "must be encrypted or off.",
    ),
    Row(
        "M34",
        "A key of one purpose signs or verifies in the place of another: room token, link, log, witness, approver.",
        "Each kind of key opens its own door only.",
        there("jitsi/test_room_tokens", "room_tokens_links_and_log_notes_cannot_stand_in_for_each_other")
        + here("cross_use", "the_keys_we_publish_verify_one_kind_of_token_each")
        + there(COSIGNATURES, "log_keys_and_witness_keys_do_not_pass_for_each_other")
        + there(COSIGNING, "a_witness_key_does_not_pass_for_the_logs")
        + there("log/test_evidence_chain", "the_key_of_the_log_does_not_approve")
        + there("log/test_leaves", "only_a_key_that_signs_notes_is_an_approvers"),
    ),
    Row(
        "M35",
        "A text that claims a level of classification is typed into minutes.",
        "Refused with what to do instead: this service is not made for it.",
        there(
            "domain/test_markings",
            "a_marking_of_a_protection_level_is_refused_with_what_to_do",
            "a_level_standing_alone_is_a_marking_whatever_its_letters",
            "ordinary_words_are_no_marking",
        )
        + there("usecases/test_remember", "a_text_with_hidden_characters_or_a_marking_is_refused"),
        "The words of a marking are known, not what makes a text sensitive.",
    ),
)
