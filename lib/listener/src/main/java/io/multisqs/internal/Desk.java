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
      extended(delivery, receipt, before, asked, answered);
    }
  }

  /** The call is over: the lease is what it asked for, or the shorter of what it may be now. */
  private void extended(
      Delivery delivery, String receipt, Lease before, Lease asked, boolean answered) {
    board.lock();
    try {
      if (receipt.equals(delivery.receiptHandle)) {
        delivery.ownExtensionOverAt = board.clock.nanoTime();
        // Without an answer it is not known whether SQS took it, and with another extension under
        // way not which of the two SQS took last.
        boolean unsure = !answered || delivery.extensionsOut > 0 || !delivery.lease.equals(before);
        delivery.lease = unsure ? asked.orShorter(delivery.lease) : asked;
      }
    } finally {
      board.unlock();
    }
    leaseLookBy.accept(delivery.lease.renewAt());
  }

  @Override
  public boolean shouldYield(Delivery delivery) {
    StackRoom.forDecisions();
    board.lock();
    try {
      return board.shouldYield(delivery);
    } finally {
      board.unlock();
    }
  }

  /** Takes no lock: a handler asks right before it commits. */
  @Override
  public boolean leaseMayHaveRunOut(Delivery delivery) {
    long now = board.clock.nanoTime();
    board.lookForSuspension(now);
    return board.leaseOf(delivery).mayHaveRunOut(now);
  }
}
