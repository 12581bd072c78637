package io.multisqs.internal;

import java.util.function.Consumer;

/** What is done about a message that may be with another consumer now. */
final class LostLeases {
  private static final Log log = Log.of("io.multisqs.LostLeases");

  private final Board board;
  private final Events events;
  private final Consumer<Delivery> release;

  /**
   * Wired by its collaborators.
   *
   * @param release gives back those of a FIFO group that must not start any more
   */
  LostLeases(Board board, Events events, Consumer<Delivery> release) {
    this.board = board;
    this.events = events;
    this.release = release;
  }

  /** Drops one that waits: it will be received again. Under the board's lock. */
  void drop(Delivery waiting) {
    releaseBehind(waiting);
    board.withdraw(waiting);
    board.close(waiting, Outcome.LEASE_LOST);
    board.tryLater(
        () -> {
          log.warn(
              "{} waited until its visibility timeout may have run out and is not started; it will"
                  + " be received again",
              waiting.message);
          events.leaseLost(waiting.message, false);
        });
  }

  /**
   * Gives those of its FIFO group back that wait behind it, in order: they would overtake it, and
   * while they stay invisible SQS hands out none of their group. Under the board's lock.
   */
  void releaseBehind(Delivery dropped) {
    long now = board.clock.nanoTime();
    for (Delivery behind : board.withdrawBehind(dropped)) {
      if (board.leaseOf(behind).mayHaveRunOut(now)) {
        board.close(behind, Outcome.LEASE_LOST);
      } else {
        board.later(() -> release.accept(behind));
      }
    }
  }

  /** Tells one that runs. Under the board's lock. */
  void tell(Delivery running, String why) {
    running.loseLease();
    if (running.leaseLossTold) {
      return;
    }
    running.leaseLossTold = true;
    board.tryLater(
        () -> {
          log.warn(
              "{} is being handled, but may be with another consumer now: {}; its handler goes on",
              running.message,
              why);
          events.leaseLost(running.message, true);
        });
  }
}
