package io.multisqs.internal;

import io.multisqs.ListenerClock;
import io.multisqs.StopAccount;
import java.time.Duration;

/**
 * The stop, in order and within a deadline (I15): no new receive and no new start; receives under
 * way are awaited, what they bring is released; then what the buses hold; handlers finish; deletes
 * and give-backs go out; the account is drawn up.
 *
 * <p>A queue's buffer is released only when none of its receives is under way: the receive would
 * bring it right back.
 */
final class StopSequence {
  private static final Log log = Log.of("io.multisqs.StopSequence");

  private static final Duration LONGEST_RESERVE = Duration.ofSeconds(2);

  private final ListenerClock clock;
  private final Stopping stopping;
  private final Acknowledger acknowledger;
  private final GiveBacks giveBacks;
  private final HandlerLimits limits;

  StopSequence(Board board, Acknowledger acknowledger, GiveBacks giveBacks, HandlerLimits limits) {
    this.clock = board.clock;
    this.stopping = board.stopping;
    this.acknowledger = acknowledger;
    this.giveBacks = giveBacks;
    this.limits = limits;
  }

  StopAccount run(Duration deadline) throws InterruptedException {
    long startedAt = clock.nanoTime();
    long end = startedAt + deadline.toNanos();
    // A part is kept for what has to be said to SQS at the end.
    long reserve = Math.min(LONGEST_RESERVE.toNanos(), deadline.toNanos() / 4);
    stopping.shut();
    acknowledger.hurry();
    giveBacks.hurry();
    if (!awaitReceivesAndHandlers(end - reserve)) {
      limits.interruptAll();
    }
    long handlersDone = clock.nanoTime();
    awaitNothingHere(end);
    long now = clock.nanoTime();
    log.debug(
        "receives and handlers took {} ms to end, deletes and give-backs {} ms",
        (handlersDone - startedAt) / 1_000_000,
        (now - handlersDone) / 1_000_000);
    StopAccount account = stopping.account(now - startedAt, true);
    stopping.tellAbandoned();
    return account;
  }

  /** Waits, and releases what waits of each queue that no receive can bring back. */
  private boolean awaitReceivesAndHandlers(long until) throws InterruptedException {
    for (; ; ) {
      Stopping.Look look = stopping.awaitReceivesAndHandlers(until);
      look.release().forEach(this::release);
      if (look.isOver()) {
        return look.isQuiet();
      }
    }
  }

  /**
   * Waits until every delete and every give-back is confirmed, whoever was about to ask for it, and
   * releases whatever waits, though a receive still stands: there is no more time for it.
   */
  private void awaitNothingHere(long until) throws InterruptedException {
    for (; ; ) {
      Stopping.Look look = stopping.awaitNothingHere(until);
      look.release().forEach(this::release);
      if (look.isOver()) {
        return;
      }
    }
  }

  private void release(Delivery delivery) {
    giveBacks.release(delivery, "the listener stops");
  }

  /** What a stop will wait for, for people to read. */
  String awaited() {
    Stopping.Load load = stopping.load();
    return "waiting for "
        + load.receives()
        + " receive(s), each as long as its long poll, "
        + load.handlers()
        + " handler(s) and "
        + load.leaving()
        + " delete(s) and give-back(s); "
        + load.waiting()
        + " waiting message(s) are given back";
  }
}
