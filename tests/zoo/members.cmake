# The members that misbehave while they live: NAME:PLACE=deed.
revenge_zoo_members(ends.c
  faults-in-create:IN_CREATE=fault faults-in-start:IN_START=fault faults-in-health:IN_HEALTH=fault
  faults-in-handler:IN_HANDLER=fault faults-in-timer:IN_TIMER=fault faults-in-thread:IN_THREAD=fault
  faults-in-stop:IN_STOP=fault faults-in-destroy:IN_DESTROY=fault
  faults-on-own-thread:IN_HANDLER=fault_on_own_thread
  calls-null:IN_HANDLER=call_null calls-weak:IN_HANDLER=call_weak bus-error:IN_HANDLER=bus divides-by-zero:IN_HANDLER=divide
  illegal-instruction:IN_HANDLER=trap aborts:IN_HANDLER=abort_it overflows-stack:IN_HANDLER=overflow
  frees-twice:IN_HANDLER=free_twice frees-foreign:IN_HANDLER=free_foreign raises-signal:IN_HANDLER=raise_term closes-everything:IN_HANDLER=close_everything
  exits:IN_HANDLER=exit_it exits-at-once:IN_HANDLER=exit_at_once exits-quickly:IN_HANDLER=exit_quickly
  exits-in-start:IN_START=exit_at_once kills-in-start:IN_START=kill_itself kills-in-handler:IN_HANDLER=kill_itself
  ends-host-thread:IN_HANDLER=end_thread ends-lifecycle-thread:IN_START=end_thread ends-timer-thread:IN_TIMER=end_thread)

revenge_zoo_members(settings.c
  init-locale:IN_INIT=set_locale init-folder:IN_INIT=set_folder init-environment:IN_INIT=set_environment
  init-ignores-signals:IN_INIT=ignore_signals init-blocks-signals:IN_INIT=block_signals
  init-spins:IN_INIT=spin_for_ever init-exits-quickly:IN_INIT=exit_quickly init-limits:IN_INIT=shrink_limits
  behaves-on-trial:IN_INIT=crash_unless_on_trial
  leaves-atexit:IN_START=register_atexit leaves-on-exit:IN_START=register_on_exit leaves-signal-handler:IN_START=take_signal
  leaves-own-thread:IN_START=start_own_thread leaves-key:IN_START=make_key leaves-descriptors:IN_START=leak_descriptors
  forks:IN_HANDLER=fork_without_exec)

revenge_zoo_members(registers.c
  route-twice:IN_CREATE=route_twice route-alike:IN_CREATE=route_alike route-admin:IN_CREATE=route_admin
  route-health:IN_CREATE=route_health route-metrics:IN_CREATE=route_metrics with-anothers-route:IN_CREATE=route_of_others
  pattern-empty:IN_CREATE=pattern_empty pattern-malformed:IN_CREATE=pattern_malformed pattern-dots:IN_CREATE=pattern_dots
  pattern-control:IN_CREATE=pattern_control pattern-huge:IN_CREATE=pattern_huge routes-endless:IN_CREATE=routes_endless
  route-null-handler:IN_CREATE=route_null_handler route-null:IN_CREATE=route_null route-odd-method:IN_CREATE=route_odd_method
  route-negative-timeout:IN_CREATE=route_negative_timeout
  metric-two-types:IN_CREATE=metric_two_types metric-odd-name:IN_CREATE=metric_odd_name
  metrics-endless:IN_CREATE=metrics_endless
  timer-negative:IN_CREATE=timer_negative timer-null:IN_CREATE=timer_null timers-endless:IN_CREATE=timers_endless
  jobs-endless:IN_HANDLER=jobs_endless
  provides-undeclared:IN_CREATE=provide_undeclared provides-malformed:IN_CREATE=provide_malformed
  requires-undeclared:IN_CREATE=require_undeclared
  check-twice:IN_CREATE=check_twice checks-endless:IN_CREATE=checks_endless command-twice:IN_CREATE=command_twice
  command-odd-schema:IN_CREATE=command_odd_schema publishes-as-host:IN_CREATE=publish_as_host
  publishes-malformed:IN_CREATE=publish_malformed subscribes-nonsense:IN_CREATE=subscribe_nonsense
  publishes-in-circles:IN_CREATE=listen_to_itself:IN_HANDLER=publish_echo
  removes-twice:IN_HANDLER=remove_twice removes-foreign:IN_HANDLER=remove_foreign
  registers-in-stop:IN_STOP=register_late registers-in-destroy:IN_DESTROY=register_late
  views-of-null:IN_HANDLER=views_of_null views-endless:IN_HANDLER=views_endless null-everywhere:IN_HANDLER=null_everywhere
  null-host:IN_HANDLER=null_host recurses:IN_HANDLER=recurse jumps-over-host:IN_HANDLER=jump_over_host)

revenge_zoo_members(answers.c
  answers-odd-status:IN_HANDLER=answer_odd_status answers-split-header:IN_HANDLER=answer_split_header
  answers-framing:IN_HANDLER=answer_framing answers-no-file:IN_HANDLER=answer_no_file
  answers-closed-file:IN_HANDLER=answer_closed_file answers-pipe:IN_HANDLER=answer_pipe
  answers-body-of-null:IN_HANDLER=answer_body_of_null answers-null:IN_HANDLER=answer_null
  answers-foreign:IN_HANDLER=answer_foreign fails-unknown:IN_HANDLER=answer_unknown_status
  fails-without-reason:IN_HANDLER=fail_without_reason fails-positive:IN_HANDLER=fail_positive
  starts-oddly:IN_START=start_oddly starts-unknown:IN_START=start_unknown starts-pending:IN_START=start_pending
  starts-slowly:IN_START=start_slowly health-unavailable:IN_HEALTH=health_unavailable health-fails:IN_HEALTH=health_fails
  health-flaps:IN_HEALTH=health_flaps
  answers-late:IN_HANDLER=defer_too_long answers-on-another-thread:IN_HANDLER=defer_to_job
  answers-again-later:IN_HANDLER=answer_again_later half-a-body:IN_HANDLER=half_a_body floods-client:IN_HANDLER=flood_client
  responds-in-stream:IN_HANDLER=respond_in_stream
  blocks-io:IN_HANDLER=block_loop:ZOO_EXECUTION=REVENGE_HTTP_INLINE spins:IN_HANDLER=spin floods-log:IN_HANDLER=flood_log
  errs-always:IN_HANDLER=err_always allocates:IN_HANDLER=allocate spawns:IN_HANDLER=spawn_many spawns-deaf:IN_START=spawn_deaf)

revenge_zoo_members(state.c
  saves-nothing:IN_SAVE=save_nothing saves-null:IN_SAVE=save_null saves-endless:IN_SAVE=save_endless
  saves-refused:IN_SAVE=save_refused restores-refused:IN_SAVE=behave:IN_RESTORE=restore_refused
  saves-differently:IN_SAVE=save_differs swaps-slowly:IN_SAVE=take_long)
