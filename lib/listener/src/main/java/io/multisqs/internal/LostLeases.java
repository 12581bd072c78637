package io.multisqs.internal;

/** What is done about a message that may be with another consumer now. */
final class LostLeases {
  private static final Log log = Log.of("io.multisqs.LostLeases");

  private final Board board;
  private final Events events;

  LostLeases(Board board, Events events) {
    this.board = board;
    this.events = events;
  }

  /** Drops one that waits: it will be received again. Under the board's lock. */
  void drop(Delivery waiting) {
    // On a FIFO queue those behind it would overtake it; their leases are of the same receive.
    for (Delivery behind : board.withdrawBehind(waiting)) {
      board.close(behind, Outcome.LEASE_LOST);
    }
    board.withdraw(waiting);
    board.close(waiting, Outcome.LEASE_LOST);
    board.later(
        () -> {
          log.warn(
              "{} waited until its visibility timeout may have run out and is not started; it will"
                  + " be received again",
              waiting.message);
          events.leaseLost(waiting.message, false);
        });
  }

  /** Tells one that runs. Under the board's lock. */
  void tell(Delivery running, String why) {
    if (running.isLeaseLost()) {
      return;
    }
    running.loseLease();
    board.later(
        () -> {
          log.warn(
              "{} is being handled, but may be with another consumer now: {}; its handler goes on",
              running.message,
              why);
          events.leaseLost(running.message, true);
        });
  }
}
