package io.multisqs.internal;

import java.time.Duration;
import java.util.function.LongConsumer;

/** Does what running handlers ask of their listener through their messages. */
final class Desk implements Delivery.Desk {
  private final Board board;
  private final LongConsumer leaseLookBy;

  Desk(Board board, LongConsumer leaseLookBy) {
    this.board = board;
    this.leaseLookBy = leaseLookBy;
  }

  @Override
  public void extend(Delivery delivery, Duration timeout) {
    StackRoom.forCall();
    int seconds = Lease.wholeSeconds(timeout);
    long calledAt = board.clock.nanoTime();
    Source source = delivery.lane.source();
    String receipt = delivery.receiptHandle;
    Lease before = delivery.lease;
    boolean answered = false;
    try {
      source.gateway().changeVisibility(source.url(), receipt, seconds);
      answered = true;
    } finally {
      Lease asked = before.extended(calledAt, Duration.ofSeconds(seconds));
      board.leases.extendedByHandler(delivery, receipt, before, asked, answered);
      leaseLookBy.accept(delivery.lease.renewAt());
    }
  }

  @Override
  public boolean shouldYield(Delivery delivery) {
    StackRoom.forDecisions();
    return board.shouldYield(delivery);
  }

  /** Takes no lock: a handler asks right before it commits. */
  @Override
  public boolean leaseMayHaveRunOut(Delivery delivery) {
    long now = board.clock.nanoTime();
    board.lookForSuspension(now);
    return board.leaseOf(delivery).mayHaveRunOut(now);
  }
}
