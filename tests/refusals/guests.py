"""What somebody with a seat, or once with one, may try; what her mail tells; and input of any shape."""

from tests.refusals.row import NOT_YET, Row, here, there

PARTICIPANTS = (
    Row(
        "T9",
        "A participant uses her link for another meeting or for the interface.",
        "A link names its one seat itself, and is no key to anything else.",
        here("cross_use", "ones_own_link_opens_no_other_meeting")
        + here("cross_use", "each_kind_opens_its_own_doors_of_the_interface_and_no_other"),
    ),
    Row(
        "T10",
        "A participant claims to moderate, or to be somebody else, in a field of what she sends.",
        "A field that is not expected is refused; name and rights come from the database.",
        here("altered_tokens", "nobody_makes_herself_more_by_a_field")
        + there("usecases/test_join", "only_the_named_moderator_of_the_organiser_owns_the_room"),
    ),
    Row(
        "T11",
        "A participant reads the addresses of the others.",
        "Neither page, calendar nor room shows one; another agency sees name and function.",
        there("mail/test_calendar", "the_recipient_is_the_only_attendee_and_the_sender_the_organiser")
        + there("usecases/test_schedule", "other_agencies_see_name_and_function_but_no_address")
        + there("web/test_jitsi_events", "both_agencies_see_the_same_people_and_no_address")
        + there(
            "jitsi/test_room_tokens", "the_context_shows_an_opaque_name_a_display_name_and_what_is_allowed"
        ),
    ),
    Row(
        "T12",
        "A participant's name holds markup, a formula or a line break.",
        "It stays a name, in the page, the mail, the calendar, the token and the journal.",
        here("foreign_sites", "a_hostile_name_stays_a_name")
        + there("mail/test_messages", "markup_in_words_stays_words")
        + there("mail/test_smtp", "a_hostile_title_name_or_agenda_leaves_as_mere_text")
        + there("mail/test_calendar", "a_name_cannot_become_another_line_or_parameter"),
        "There are no spreadsheets to export yet.",
    ),
    Row(
        "T13",
        "A participant denies that she was let in, or an agency that it accepted.",
        "Each admission and each act stands in the signed log once.",
        there("usecases/test_log", "every_act_stands_in_the_log_exactly_once")
        + there("usecases/test_join", "a_double_click_is_one_admission_and_shows_the_same_token"),
        "The participant is not handed a receipt of her own yet.",
    ),
    Row(
        "T14",
        "Somebody changes an answer ten thousand times.",
        "Mails are sent for what counts in the end, and changes are limited for each credential.",
        (),
        NOT_YET + "there is no limit per credential; an answer sends no mail by itself.",
    ),
)

FORMER = (
    Row(
        "T15",
        "A link is used after its holder was removed.",
        "It is dead at the very next request at every server, and the person is put out of the room.",
        here(
            "dead_links",
            "a_dead_link_is_refused_at_the_very_next_request",
            "another_server_on_the_same_database_refuses_it_as_soon",
        )
        + there(
            "usecases/test_revocation",
            "taking_a_seat_back_puts_that_person_out_alone",
            "who_comes_back_with_an_old_pass_is_put_out_again",
        ),
        "A room token given before lives on until its end, 15 minutes at most; who returns with it is put out again.",
    ),
    Row(
        "T16",
        "A link is used on a second device.",
        "Her agency and the organiser see how many devices there are; a critical meeting refuses the second, says whom "
        "to call, and shows both when each was refused. The tabs of one browser are one device.",
        there(
            "usecases/test_phoned_code",
            "a_second_device_is_shown_to_her_agency_and_the_organiser_only",
            "a_critical_link_is_refused_on_another_device_with_whom_to_call",
        )
        + there(
            "usecases/test_second_device",
            "a_second_device_is_let_in_and_seen_on_the_board_and_in_the_attendance",
            "a_device_that_was_refused_is_seen_once_on_the_board_and_in_the_attendance",
        )
        + there("web/test_codes", "a_secretary_reads_a_code_to_her_own_people_only")
        + there(
            "web/test_device_secret",
            "two_tabs_of_one_browser_are_one_device_and_another_browser_is_not",
        ),
        "In a standard meeting the link is all there is to know: a second device is shown, and let in.",
    ),
    Row(
        "T17",
        "A link of a meeting that was moved, cancelled or has ended is used.",
        "It says what happened, opens nothing, and proof given under it counts no more.",
        here(
            "dead_links",
            "a_dead_link_is_refused_at_the_very_next_request",
            "with_the_end_of_the_meeting_nobody_enters_any_more",
        )
        + there(
            "usecases/test_move",
            "every_link_is_dead_at_once_and_says_that_a_new_one_comes",
            "the_room_of_a_moved_meeting_closes_and_whoever_is_inside_is_put_out",
        )
        + there("web/test_join_full", "a_link_of_a_moved_meeting_is_told_apart_from_a_replaced_one")
        + there("usecases/test_proof", "a_seat_given_anew_asks_for_a_new_proof")
        + here("altered_tokens", "a_link_may_be_shown_again_and_gives_each_press_its_own_entry"),
        "A room token given before a move lives on until its end, 15 minutes at most; the room is ended meanwhile.",
    ),
    Row(
        "T18",
        "A mail scanner follows every link, fifty times, and runs the page.",
        "Not one byte of the database changes, and the link stays as good as it was.",
        here(
            "scanners",
            "fifty_scanners_leave_every_row_as_it_was_and_the_link_as_good",
            "not_one_byte_of_the_database_changes",
            "what_is_sent_by_button_is_sent_in_no_other_way",
        )
        + there("web/test_routes", "looking_changes_nothing"),
        "A scanner that also presses the button of a standard meeting is admitted as the link's holder would be.",
    ),
)

READERS = (
    Row(
        "T35",
        "Whoever reads the mailbox learns what a sensitive meeting is about.",
        "Neither subject, text nor calendar says it.",
        there("mail/test_messages", "a_neutral_mail_tells_neither_title_nor_agenda_anywhere")
        + there("mail/test_calendar", "a_neutral_calendar_tells_neither_title_nor_agenda")
        + there("mail/test_code_letters", "text_and_html_say_the_same_and_nothing_of_the_meeting"),
    ),
    Row(
        "T36",
        "Whoever reads the mail uses the link first.",
        "A sensitive meeting asks for a code, a critical one for a code by telephone; before it nothing is told.",
        there(
            "usecases/test_proof",
            "a_forwarded_link_without_the_mailbox_opens_nothing",
            "before_the_code_the_page_learns_nothing_of_what_is_discussed",
        )
        + there("usecases/test_phoned_code", "a_critical_meeting_opens_to_a_code_read_by_telephone"),
        "Who reads the mailbox reads the mailed code too: critical meetings never mail one. The holder of a standard "
        "link is not told that it was used.",
    ),
    Row(
        "T37",
        "The video server shows us a token it was given.",
        "Room tokens and its own secret open nothing of the interface and no seat.",
        here(
            "cross_use",
            "each_kind_opens_its_own_doors_of_the_interface_and_no_other",
            "the_join_page_takes_a_link_for_a_link_and_nothing_else",
        )
        + there("web/test_jitsi_secret", "the_secret_of_the_video_server_opens_nothing_else"),
    ),
    Row(
        "T38",
        "Somebody reports events that Jitsi never sent, or sends them again.",
        "Without the secret nothing is read; told again is told once; presence says that Jitsi declared it.",
        there("web/test_jitsi_secret", "without_the_secret_nothing_is_asked_and_nothing_told")
        + here("bodies", "an_event_told_again_changes_nothing_more")
        + there("web/test_jitsi_events", "events_tell_who_is_there_in_whatever_order_they_come"),
        "Events are not signed one by one: Jitsi's module sends a fixed secret.",
    ),
)

INPUT = (
    Row(
        "B1",
        "A code is guessed from many addresses at once.",
        "Five tries per code and fifteen per link, over all addresses, devices and servers together.",
        here(
            "guessed_codes",
            "fifty_guesses_at_once_from_fifty_addresses_are_five",
            "new_codes_raise_the_ceiling_of_a_link_to_fifteen_and_no_further",
            "two_servers_on_one_database_count_together",
            "a_limit_counts_by_link_and_not_by_address",
        )
        + there("usecases/test_proof", "whoever_races_with_codes_meets_only_refusals_of_ours"),
    ),
    Row(
        "B2",
        "A reservation, an event or a question of the join page has a body of any shape.",
        "It is taken or refused with one sentence in one shape, noted once without the secret; nothing of ours breaks.",
        here(
            "bodies",
            "an_event_of_any_shape_is_taken_or_refused",
            "bytes_of_any_kind_are_taken_or_refused",
            "a_reservation_of_any_shape_is_answered",
            "the_join_page_is_asked_with_bodies_of_any_shape",
        ),
    ),
    Row(
        "B3",
        "Somebody holds our own link key and names a seat that is not there.",
        "It is a link that is not ours.",
        here("guessed_names", "even_under_our_own_key_a_seat_that_is_not_there_is_a_link_that_is_not_ours"),
        "Who holds the link key can write links: a rotation of that key ends them.",
    ),
    Row(
        "B4",
        "A key of narrow scope is used for more.",
        "Scope and role are asked at every door.",
        here("cross_use", "a_key_of_narrow_scope_stays_narrow_at_every_door")
        + there("domain/test_access", "each_role_may_do_what_the_table_says_and_nothing_else"),
    ),
)
