package io.multisqs.internal;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The main event loop: takes the best startable message of all buses and runs it. Every slot runs
 * this one loop, so that a message is chosen at the moment when a slot is free and nothing is
 * queued behind the choice (I1). With one slot that is the thread that called {@code listen()}.
 */
final class EventLoop {
  private static final Log log = Log.of("io.multisqs.EventLoop");

  private static final long AFTER_A_DEFECT = 100_000_000L;

  private final FailureLog defects;
  private final Board board;
  private final MessageTask task;
  private final LostLeases lostLeases;

  EventLoop(Board board, MessageTask task, LostLeases lostLeases) {
    this.board = board;
    this.defects = new FailureLog(board.clock);
    this.task = task;
    this.lostLeases = lostLeases;
  }

  /**
   * Runs messages until the listener stops.
   *
   * @throws InterruptedException if interrupted between two messages
   */
  void run() throws InterruptedException {
    for (; ; ) {
      Delivery next;
      try {
        next = awaitNext();
      } catch (RuntimeException | Error e) {
        // Such as an OutOfMemoryError of a handler on another slot, which met this thread.
        if (defects.isNew(e)) {
          log.error("choosing a message failed; the slot goes on; logged once for its kind", e);
        }
        wakeAnother();
        LockSupport.parkNanos(AFTER_A_DEFECT);
        continue;
      }
      if (next == null) {
        return;
      }
      runToItsEnd(next);
    }
  }

  /** This one had perhaps been woken for work that others can do meanwhile. */
  private void wakeAnother() {
    board.lock();
    try {
      board.wakeSlot();
    } finally {
      board.unlock();
    }
  }

  /** A defect of this library costs a message its delete, but no slot and no thread. */
  private void runToItsEnd(Delivery next) {
    try {
      task.run(next);
    } catch (Throwable e) {
      board.lock();
      try {
        if (next.stage == Delivery.Stage.RUNNING) {
          board.freeSlot(next, Delivery.Stage.GIVING_BACK, board.clock.nanoTime());
          board.withdrawBehind(next).forEach(behind -> board.close(behind, Outcome.RELEASED));
          board.close(next, Outcome.RETRIED);
        }
      } finally {
        board.unlock();
      }
      log.error(
          "a defect of this library: {} was not finished, and will be received again", next, e);
    }
  }

  /** Runs the best message if one may start now; returns how many ran. For tests. */
  int step() {
    Delivery next;
    board.lock();
    try {
      next = startNext(board.clock.nanoTime());
    } finally {
      board.unlock();
    }
    if (next == null) {
      return 0;
    }
    runToItsEnd(next);
    return 1;
  }

  private @Nullable Delivery awaitNext() throws InterruptedException {
    board.lock();
    try {
      while (board.isStarting()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        long now = board.clock.nanoTime();
        Delivery next = startNext(now);
        if (next != null) {
          return next;
        }
        board.awaitStartable(now);
      }
      return null;
    } finally {
      board.unlock();
    }
  }

  /** The best message whose lease surely holds (I6); those that may be elsewhere are dropped. */
  private @Nullable Delivery startNext(long now) {
    for (Delivery best = board.best(now); best != null; best = board.best(now)) {
      if (best.lease.leavesTimeToStart(now, best.lane.source().visibility())) {
        board.start(best, now);
        return best;
      }
      lostLeases.drop(best);
    }
    return null;
  }
}
