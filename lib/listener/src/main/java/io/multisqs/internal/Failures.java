package io.multisqs.internal;

import io.multisqs.FailureAction;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.TransientException;
import io.multisqs.YieldException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Decides what becomes of a message whose handler threw, and does it (I11, I12). */
final class Failures {
  private static final Log log = Log.of("io.multisqs.Failures");

  private final Board board;
  private final Acknowledger acknowledger;
  private final GiveBacks giveBacks;
  private final DeadLetters deadLetters;
  private final Events events;

  Failures(
      Board board,
      Acknowledger acknowledger,
      GiveBacks giveBacks,
      DeadLetters deadLetters,
      Events events) {
    this.board = board;
    this.acknowledger = acknowledger;
    this.giveBacks = giveBacks;
    this.deadLetters = deadLetters;
    this.events = events;
  }

  /** On the handler's thread, whose slot is freed here. */
  void handle(Delivery delivery, Throwable failure, long now) {
    ReceivedMessage message = delivery.message; // with its body, also once that is let go
    FailureAction action = decide(delivery, failure);
    if (action instanceof FailureAction.DeadLetter) {
      action = deadLettered(delivery, failure);
    }
    boolean done =
        action instanceof FailureAction.Discard || action instanceof FailureAction.DeadLetter;
    List<Delivery> release = new ArrayList<>(0);
    if (!done && delivery.group() != null) {
      action = withdrawGroup(delivery, action, now, release);
    }
    report(delivery, failure, action);
    boolean breakerOpened = settle(delivery, failure, action, done, now, release);
    if (done) {
      acknowledger.add(delivery, delivery.group() != null);
    } else if (action instanceof FailureAction.RetryAfter retry) {
      giveBacks.retry(delivery, Lease.wholeSeconds(retry.delay()));
    }
    release.forEach(d -> giveBacks.release(d, breakerOpened ? Board.SHUT_OFF : "a sibling failed"));
    events.failed(message, failure, action, now - delivery.startedAt);
    if (breakerOpened) {
      events.circuitBreaker(delivery.lane, true, failure);
    }
  }

  /**
   * The head of a FIFO group is to be retried: takes out those behind it, and keeps the head away
   * until no receive stands that could bring all of them again.
   */
  private FailureAction withdrawGroup(
      Delivery head, FailureAction action, long now, List<Delivery> release) {
    Lane lane = head.lane;
    board.lock();
    try {
      List<Delivery> behind = board.withdrawBehind(head);
      release.addAll(behind);
      long backAt = head.lease.until();
      if (action instanceof FailureAction.RetryAfter retry) {
        backAt = now + retry.delay().toNanos();
      }
      String group = head.message.group().orElseThrow();
      long notBefore = lane.failedHeads.failed(group, behind.size(), backAt, now);
      return action instanceof FailureAction.RetryAfter && notBefore - backAt > 0
          ? new FailureAction.RetryAfter(Duration.ofNanos(notBefore - now))
          : action;
    } finally {
      board.unlock();
    }
  }

  /** Under the lock: the books. Returns whether the breaker opened. */
  private boolean settle(
      Delivery delivery,
      Throwable failure,
      FailureAction action,
      boolean done,
      long now,
      List<Delivery> release) {
    Lane lane = delivery.lane;
    board.lock();
    try {
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
        release.addAll(board.shutOff(lane));
      }
      if (lane.breaker.isOpen()) {
        board.receiving.pollersLookAgain(lane);
      }
      board.freeSlot(delivery, done ? Delivery.Stage.DELETING : Delivery.Stage.GIVING_BACK, now);
      if (action instanceof FailureAction.LeaveToTimeout) {
        board.close(delivery, Outcome.RETRIED);
      }
      return opened;
    } finally {
      board.unlock();
    }
  }

  /** The policy's answer, but for what is always retried, and for a policy that fails itself. */
  private FailureAction decide(Delivery delivery, Throwable failure) {
    if (failure instanceof TransientException t && t.retryAfter().isPresent()) {
      return new FailureAction.RetryAfter(t.retryAfter().get());
    }
    if (failure instanceof YieldException) {
      return RetryPolicy.DEFAULT.onFailure(failure, delivery.message);
    }
    FailureAction action;
    try {
      action =
          Objects.requireNonNull(
              delivery.lane.config.retry().onFailure(failure, delivery.message),
              "the retry policy's answer");
    } catch (Throwable e) {
      if (delivery.lane.failureLog.isNew("retry policy " + e.getClass())) {
        log.error(
            "the retry policy of {} threw; its messages are retried with the default backoff;"
                + " logged once",
            delivery.lane,
            e);
      }
      return RetryPolicy.DEFAULT.onFailure(failure, delivery.message);
    }
    boolean retries =
        action instanceof FailureAction.RetryAfter
            || action instanceof FailureAction.LeaveToTimeout;
    return failure instanceof TransientException && !retries
        ? RetryPolicy.DEFAULT.onFailure(failure, delivery.message)
        : action;
  }

  private FailureAction deadLettered(Delivery delivery, Throwable failure) {
    try {
      deadLetters.send(delivery, failure);
      return new FailureAction.DeadLetter();
    } catch (Throwable e) {
      FailureAction retry = RetryPolicy.DEFAULT.onFailure(failure, delivery.message);
      if (delivery.lane.failureLog.isNew("dead letter " + e.getClass().getName())) {
        log.error(
            "{} was to go to the dead-letter queue, which failed; it is retried instead, as will be"
                + " those after it; logged once for its kind",
            delivery.message,
            e);
      }
      return retry;
    }
  }

  /** The first of a kind with its trace; the others counted, each with its trace at DEBUG. */
  private static void report(Delivery delivery, Throwable failure, FailureAction action) {
    Lane lane = delivery.lane;
    String text = "handler of {} failed on receive {} of message {}, " + whatNext(action);
    Object[] about = {lane, delivery.message.receiveCount(), delivery.id(), failure};
    if (failure instanceof HandlerLimits.LimitPassed) {
      log.debug(text, about); // It was told of, and counted, when it passed its limit.
      return;
    }
    String kind = FailureLog.kind(failure);
    long count = lane.handlerFailureLog.count(kind);
    if (count != FailureLog.NEW) {
      log.debug(text, about);
      if (count > 0) {
        log.warn("handler of {} failed {} more times, the last time with {}", lane, count, kind);
      }
      return;
    }
    text += "; others of its kind are counted, and logged at DEBUG";
    if (failure instanceof Error && !(failure instanceof AssertionError)) {
      log.error(text, about);
    } else {
      log.warn(text, about);
    }
  }

  private static String whatNext(FailureAction action) {
    if (action instanceof FailureAction.RetryAfter retry) {
      return "retried in " + Lease.wholeSeconds(retry.delay()) + " s";
    }
    if (action instanceof FailureAction.LeaveToTimeout) {
      return "retried when its visibility timeout runs out";
    }
    return action instanceof FailureAction.Discard
        ? "deleted, as the retry policy says"
        : "sent to the dead-letter queue and deleted";
  }
}
