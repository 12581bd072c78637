package io.multisqs.internal;

import java.time.Duration;

/** Does what running handlers ask of their listener through their messages. */
final class Desk implements Delivery.Desk {
  private final Board board;

  Desk(Board board) {
    this.board = board;
  }

  @Override
  public void extend(Delivery delivery, Duration timeout) {
    int seconds = (int) ((timeout.toMillis() + 999) / 1000);
    long calledAt = board.clock.nanoTime();
    Source source = delivery.lane.source();
    source.gateway().changeVisibility(source.url(), delivery.receiptHandle, seconds);
    board.lock();
    delivery.lease = delivery.lease.extended(calledAt, Duration.ofSeconds(seconds));
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
