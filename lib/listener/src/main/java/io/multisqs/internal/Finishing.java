package io.multisqs.internal;

import io.multisqs.FailureAction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Books how a handler's call ended, and frees its slot. A part of the {@link Board}: it takes the
 * board's lock.
 */
final class Finishing {
  private static final Log log = Log.of("io.multisqs.Finishing");

  /**
   * What is to be done after a success.
   *
   * @param othersWait whether others of its FIFO group wait for its delete
   * @param breakerClosed whether its success closed the circuit breaker
   */
  record Handled(boolean othersWait, boolean breakerClosed) {}

  /**
   * What is to be done after a failure.
   *
   * @param action what becomes of the message: as the retry policy decided, or, for the head of a
   *     FIFO group, a later retry
   * @param release messages to give back
   * @param breakerOpened whether its failure opened the circuit breaker
   */
  record Failed(FailureAction action, List<Delivery> release, boolean breakerOpened) {}

  private final Board board;

  Finishing(Board board) {
    this.board = board;
  }

  /**
   * A handler succeeded.
   *
   * @param next where the next message may start at once; null if the slot is free for any thread
   */
  Handled handled(Delivery delivery, long now, @Nullable Slot next) {
    Lane lane = delivery.lane;
    board.lock();
    try {
      boolean breakerClosed = lane.breaker.succeeded(delivery.startedAt);
      if (breakerClosed) {
        board.receiving.pollersLookAgain(lane);
      }
      lane.counters.handled++;
      if (lane.handlerFailureLog.succeeded()) {
        board.later(() -> log.info("handlers of {} have not failed for a minute", lane));
      }
      lane.credits.handlerTook(now - delivery.startedAt);
      String group = delivery.group();
      boolean othersWait = group != null && lane.groups.hasFollower(group);
      Handled result = new Handled(othersWait, breakerClosed);
      freeSlot(delivery, Delivery.Stage.DELETING, now, next);
      return result;
    } finally {
      board.unlock();
    }
  }

  /**
   * A handler yielded: its message goes back to its place in the bus.
   *
   * @return false if it yields in vain again: it would start over at once and for ever, so that is
   *     a failure
   */
  boolean yielded(Delivery delivery, long now) {
    board.lock();
    try {
      boolean inVain = board.isOpen() && !board.choice.higherWorkWaitsFor(delivery);
      if (inVain && delivery.yieldedInVain) {
        return false;
      }
      delivery.yieldedInVain = inVain;
      freeSlot(delivery, Delivery.Stage.WAITING, now, null);
      board.reenter(delivery);
      return true;
    } finally {
      board.unlock();
    }
  }

  /** A handler failed, and its retry policy has decided. */
  Failed failed(Delivery delivery, Throwable failure, FailureAction decided, long now) {
    Lane lane = delivery.lane;
    boolean done =
        decided instanceof FailureAction.Discard || decided instanceof FailureAction.DeadLetter;
    List<Delivery> release = new ArrayList<>(0);
    board.lock();
    try {
      FailureAction action =
          done || delivery.group() == null ? decided : retryHead(delivery, decided, now, release);
      lane.counters.failed++;
      lane.credits.handlerTook(now - delivery.startedAt);
      if (done) {
        delivery.outcome =
            action instanceof FailureAction.Discard ? Outcome.DISCARDED : Outcome.DEAD_LETTERED;
      } else {
        delivery.outcome = Outcome.RETRIED;
      }
      boolean opened = lane.breaker.failed(failure, delivery.startedAt, now);
      if (opened) {
        release.addAll(board.breakerOpened(lane));
      }
      if (lane.breaker.isOpen()) {
        board.receiving.pollersLookAgain(lane);
      }
      Failed result = new Failed(action, release, opened);
      Delivery.Stage next = done ? Delivery.Stage.DELETING : Delivery.Stage.GIVING_BACK;
      freeSlot(delivery, next, now, null);
      if (action instanceof FailureAction.LeaveToTimeout) {
        board.close(delivery, Outcome.RETRIED);
      }
      return result;
    } finally {
      board.unlock();
    }
  }

  /**
   * The head of a FIFO group is to be retried: takes out those behind it, and keeps the head away
   * until no receive stands that could bring all of them again.
   */
  private FailureAction retryHead(
      Delivery head, FailureAction action, long now, List<Delivery> release) {
    List<Delivery> behind = board.withdrawBehind(head);
    release.addAll(behind);
    long backAt = head.lease.until();
    if (action instanceof FailureAction.RetryAfter retry) {
      backAt = now + retry.delay().toNanos();
    }
    String group = head.message.group().orElseThrow();
    long notBefore = head.lane.failedHeads.failed(group, behind.size(), backAt, now);
    return action instanceof FailureAction.RetryAfter && notBefore - backAt > 0
        ? new FailureAction.RetryAfter(Duration.ofNanos(notBefore - now))
        : action;
  }

  /**
   * The one place where a slot comes free: it takes the next message in the critical section that
   * freed it, where that is wanted, or is free for any thread.
   */
  private void freeSlot(Delivery delivery, Delivery.Stage stage, long now, @Nullable Slot next) {
    board.leaveSlot(delivery, stage, now);
    try {
      if (next != null && board.isOpen() && !Thread.currentThread().isInterrupted()) {
        board.startNext(next, now);
      }
    } catch (RuntimeException | Error e) {
      board.tryLater(() -> board.effects.choiceFailed(e));
    } finally {
      if (next == null || next.isEmpty()) {
        board.slotIsFree(now);
      }
    }
  }

  /**
   * Gives up a message that a defect of this library left unfinished: its slot is freed, and it
   * will be received again.
   */
  void givenUp(Delivery unfinished) {
    board.lock();
    try {
      if (unfinished.stage == Delivery.Stage.RUNNING) {
        unfinished.outcome = Outcome.RETRIED;
        freeSlot(unfinished, Delivery.Stage.GIVING_BACK, board.clock.nanoTime(), null);
      }
      if (unfinished.stage == Delivery.Stage.GIVING_BACK && !unfinished.handedOver()) {
        board.leases.releaseBehind(unfinished);
        board.close(unfinished, unfinished.outcome);
      }
    } finally {
      board.unlock();
    }
  }

  /**
   * Its handler called {@code System.exit}, and never returns: a stop does not wait for it. False
   * if that is known, or it has returned.
   */
  boolean neverReturns(Delivery delivery) {
    board.lock();
    try {
      if (delivery.endsTheJvm || delivery.stage != Delivery.Stage.RUNNING) {
        return false;
      }
      delivery.endsTheJvm = true;
      delivery.lane.neverReturning++;
      board.somethingEnded();
      return true;
    } finally {
      board.unlock();
    }
  }
}
