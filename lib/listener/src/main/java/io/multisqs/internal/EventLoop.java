package io.multisqs.internal;

import io.multisqs.FailureAction;
import io.multisqs.ReceivedMessage;
import io.multisqs.YieldException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The main event loop: takes the best startable message of all buses, runs it, and books how it
 * ended. Every slot runs this one loop, so that a message is chosen at the moment when a slot is
 * free, and nothing is queued behind the choice (I1). If no callback is due, the next message is
 * taken in the same critical section that freed the slot. With one slot, the loop runs on the
 * thread that called {@code listen()}.
 */
final class EventLoop {
  private static final Log log = Log.of("io.multisqs.EventLoop");

  private static final long AFTER_A_DEFECT = 100_000_000L;

  private final FailureLog defects;
  private final Board board;
  private final MessageTask task;
  private final Acknowledger acknowledger;
  private final GiveBacks giveBacks;
  private final Failures failures;
  private final Events events;

  EventLoop(
      Board board,
      MessageTask task,
      Acknowledger acknowledger,
      GiveBacks giveBacks,
      Failures failures,
      Events events) {
    this.board = board;
    this.defects = new FailureLog(board.clock);
    this.task = task;
    this.acknowledger = acknowledger;
    this.giveBacks = giveBacks;
    this.failures = failures;
    this.events = events;
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
        Delivery next = slot.take();
        if (next == null) {
          if (!board.awaitStart(slot)) {
            return;
          }
          continue;
        }
        runToItsEnd(next, slot);
        leftInterrupted = Thread.currentThread().isInterrupted() ? next : null;
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

  /** Such as an OutOfMemoryError of a handler on another slot, which met this thread. */
  void choiceFailed(Throwable e) {
    try {
      if (defects.isNew(e)) {
        log.error("choosing a message failed; the slot goes on; logged once for its kind", e);
      }
      // This thread had perhaps been woken for work that another can do meanwhile.
      board.wakeAnotherSlot();
    } catch (RuntimeException | Error again) {
      Thread.onSpinWait(); // no memory to tell of it with
    }
  }

  /** A defect of this library costs a message its delete, but no slot and no thread. */
  private void runToItsEnd(Delivery next, Slot slot) {
    try {
      finish(next, task.run(next), slot);
    } catch (Throwable e) {
      while (!isGivenUp(next)) {
        Loop.pause();
      }
      log.error(
          "a defect of this library: {} was not finished, and will be received again", next, e);
    }
  }

  /** False if that met an error, and is to be tried again. */
  private boolean isGivenUp(Delivery unfinished) {
    try {
      board.finishing.givenUp(unfinished);
      return true;
    } catch (RuntimeException | Error e) {
      return false;
    }
  }

  private void finish(Delivery delivery, @Nullable Throwable failure, Slot slot) {
    long now = board.clock.nanoTime();
    if (failure == null) {
      handled(delivery, now, slot);
    } else if (!(failure instanceof YieldException && board.finishing.yielded(delivery, now))) {
      failed(delivery, failure, now);
    }
  }

  private void handled(Delivery delivery, long now, Slot slot) {
    // Users may take long over what they are told: no message that was chosen waits for that.
    boolean tell = events.hasListener();
    ReceivedMessage message = delivery.message; // with its body, which goes when its slot is free
    Finishing.Handled handled = board.finishing.handled(delivery, now, tell ? null : slot);
    acknowledger.add(delivery, handled.othersWait());
    if (tell) {
      events.handled(message, now - delivery.startedAt);
      if (handled.breakerClosed()) {
        events.circuitBreaker(delivery.lane, false, null);
      }
    }
  }

  private void failed(Delivery delivery, Throwable failure, long now) {
    ReceivedMessage message = delivery.message; // with its body, which goes when its slot is free
    FailureAction decided = failures.decide(delivery, failure);
    Finishing.Failed failed = board.finishing.failed(delivery, failure, decided, now);
    FailureAction action = failed.action();
    if (action instanceof FailureAction.RetryAfter retry) {
      giveBacks.retry(delivery, Lease.wholeSeconds(retry.delay()));
    } else if (!(action instanceof FailureAction.LeaveToTimeout)) {
      acknowledger.add(delivery, delivery.group() != null);
    }
    String reason = failed.breakerOpened() ? Board.BREAKER_OPENED : "a sibling failed";
    failed.release().forEach(d -> giveBacks.release(d, reason));
    Failures.report(delivery, failure, action);
    events.failed(message, failure, action, now - delivery.startedAt);
    if (failed.breakerOpened()) {
      events.circuitBreaker(delivery.lane, true, failure);
    }
  }

  /** Runs the best message, and what its slot then goes on with; returns how many. For tests. */
  int step() {
    Slot slot = new Slot();
    board.tryStart(slot);
    int ran = 0;
    for (Delivery next = slot.take(); next != null; next = slot.take()) {
      runToItsEnd(next, slot);
      ran++;
    }
    return ran;
  }
}
