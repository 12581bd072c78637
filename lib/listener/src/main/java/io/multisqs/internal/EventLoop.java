package io.multisqs.internal;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The main event loop: takes the best startable message of all buses and runs it. Every slot runs
 * this one loop, so that a message is chosen at the moment when a slot is free and nothing is
 * queued behind the choice (I1): under the very lock under which one that was handled leaves its
 * slot, where nobody is to be told of that first. With one slot that is the thread that called
 * {@code listen()}.
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
    Slot slot = new Slot();
    Delivery leftInterrupted = null;
    for (; ; ) {
      try {
        if (!slot.awaitStarted()) {
          return;
        }
        int unused = runOneAfterTheOther(slot);
        leftInterrupted = Thread.currentThread().isInterrupted() ? slot.ran : null;
      } catch (InterruptedException e) {
        throw leftInterrupted == null ? e : interruptedIn(leftInterrupted);
      } catch (LinkageError e) {
        throw e; // for good, see Loop
      } catch (RuntimeException | Error e) {
        choiceFailed(e);
        LockSupport.parkNanos(AFTER_A_DEFECT);
      }
    }
  }

  /** The flag does not say who set it. */
  private static InterruptedException interruptedIn(Delivery ran) {
    return new InterruptedException(
        "while the handler of "
            + ran.lane
            + " ran "
            + ran.message
            + ": from outside, or the handler itself left its thread interrupted or threw"
            + " InterruptedException");
  }

  /** Runs what is started in a slot, and what is as that comes free; returns how many. */
  private int runOneAfterTheOther(Slot slot) {
    int ran = 0;
    for (Delivery next = slot.takeStarted(); next != null; next = slot.takeStarted()) {
      slot.ran = next;
      runToItsEnd(next, slot);
      ran++;
    }
    return ran;
  }

  /** A slot that goes from one message to the next; of one thread alone. */
  private final class Slot {
    /** Kept here, where no error on the way back loses it. */
    private @Nullable Delivery started;

    /** What ran in it last. */
    private @Nullable Delivery ran;

    /** It has come free: starts the next in it, under the lock under which it did. */
    void goOn() {
      long now = board.clock.nanoTime();
      try {
        if (board.isStarting() && !Thread.currentThread().isInterrupted()) {
          started = startNext(now);
        }
      } catch (RuntimeException | Error e) {
        board.tryLater(() -> choiceFailed(e));
      } finally {
        if (started == null) {
          board.slotIsFree(now);
        }
      }
    }

    /** Waits for one that starts in it; false if none will any more. */
    boolean awaitStarted() throws InterruptedException {
      if (started == null) {
        started = awaitNext();
      }
      return started != null;
    }

    @Nullable Delivery takeStarted() {
      Delivery taken = started;
      started = null;
      return taken;
    }
  }

  /** Such as an OutOfMemoryError of a handler on another slot, which met this thread. */
  private void choiceFailed(Throwable e) {
    try {
      if (defects.isNew(e)) {
        log.error("choosing a message failed; the slot goes on; logged once for its kind", e);
      }
      wakeAnother();
    } catch (RuntimeException | Error again) {
      Thread.onSpinWait(); // no memory to tell of it with
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
  private void runToItsEnd(Delivery next, Slot slot) {
    try {
      task.run(next, slot::goOn);
    } catch (Throwable e) {
      while (!isGivenUp(next)) {
        Loop.pause();
      }
      log.error(
          "a defect of this library: {} was not finished, and will be received again", next, e);
    }
  }

  /** Its slot is free in any case; false if the rest met an error, and is to be tried again. */
  private boolean isGivenUp(Delivery unfinished) {
    try {
      board.lock();
      try {
        if (unfinished.stage == Delivery.Stage.RUNNING) {
          unfinished.outcome = Outcome.RETRIED;
          board.freeSlot(unfinished, Delivery.Stage.GIVING_BACK, board.clock.nanoTime());
        }
        if (unfinished.stage == Delivery.Stage.GIVING_BACK && !unfinished.handedOver) {
          lostLeases.releaseBehind(unfinished);
          board.close(unfinished, unfinished.outcome);
        }
        return true;
      } finally {
        board.unlock();
      }
    } catch (RuntimeException | Error e) {
      return false;
    }
  }

  /** Runs the best message, and what its slot then goes on with; returns how many. For tests. */
  int step() {
    Slot slot = new Slot();
    board.lock();
    try {
      slot.started = startNext(board.clock.nanoTime());
    } finally {
      board.unlock();
    }
    return runOneAfterTheOther(slot);
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
    boolean looked = false;
    for (Delivery best = board.best(now); best != null; best = board.best(now)) {
      if (!looked) {
        board.lookForSuspension(now);
        looked = true;
      }
      if (board.leaseOf(best).leavesTimeToStart(now, best.lane.source().visibility())) {
        board.start(best, now);
        return best;
      }
      lostLeases.drop(best);
    }
    return null;
  }
}
