package io.multisqs.internal;

import java.time.Duration;
import java.util.function.LongConsumer;

/** Does what running handlers ask of their listener through their messages. */
final class Desk implements Delivery.Desk {
  private final Board board;
  private final LongConsumer wakeKeeperBy;

  Desk(Board board, LongConsumer wakeKeeperBy) {
    this.board = board;
    this.wakeKeeperBy = wakeKeeperBy;
  }

  @Override
  public void extend(Delivery delivery, Duration timeout) {
    int seconds = (int) ((timeout.toMillis() + 999) / 1000);
    long calledAt = board.clock.nanoTime();
    Source source = delivery.lane.source();
    source.gateway().changeVisibility(source.url(), delivery.receiptHandle, seconds);
    board.lock();
    delivery.lease = delivery.lease.extended(calledAt, Duration.ofSeconds(seconds));
    // It may be shorter than what it had: then it is due before the keeper meant to look.
    wakeKeeperBy.accept(delivery.lease.renewAt());
    board.unlock();
  }

  @Override
  public boolean shouldYield(Delivery delivery) {
    board.lock();
    try {
      return board.shouldYield(delivery);
    } finally {
      board.unlock();
    }
  }
}
