package io.multisqs.internal;

import io.multisqs.Polling;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Receives from one queue: asks for leave, makes the receive, and lays what it brought before the
 * board. One thread of it stands for each queue, more while the queue is deep.
 */
final class QueuePoller implements Runnable {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.QueuePoller");

  /** A poller beyond the first that had nothing to do this long ends. */
  private static final long IDLE = Duration.ofSeconds(10).toNanos();

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** How often an awaited queue is looked for. */
  private static final long LOOK_AGAIN = 5 * SECOND;

  private final Board board;
  private final Lane lane;
  private final Events events;
  private final GiveBacks giveBacks;
  private final Acknowledger acknowledger;
  private final Delivery.Desk desk;
  private final StartChecks checks;
  private @Nullable ReceiveMessageRequest template;

  QueuePoller(
      Board board,
      Lane lane,
      Events events,
      GiveBacks giveBacks,
      Acknowledger acknowledger,
      Delivery.Desk desk,
      StartChecks checks) {
    this.board = board;
    this.lane = lane;
    this.events = events;
    this.giveBacks = giveBacks;
    this.acknowledger = acknowledger;
    this.desk = desk;
    this.checks = checks;
  }

  /** The poller's thread: until the listener stops, or nothing was to be asked for a while. */
  @Override
  public void run() {
    try {
      lookUntilFound();
      for (Grant grant = awaitGrant(); grant != null; grant = awaitGrant()) {
        receive(grant);
      }
    } catch (InterruptedException e) {
      log.warn("a poller of {} was interrupted by someone else and ends; others go on", lane);
      Thread.currentThread().interrupt();
      board.lock();
      lane.pollers--;
      board.unlock();
    }
  }

  /** An awaited queue is looked for again and again, until it is there or the listener stops. */
  private void lookUntilFound() throws InterruptedException {
    while (!lane.isKnown()) {
      board.lock();
      try {
        if (!board.isReceiving()) {
          return;
        }
        board.await(lane.mayAsk, LOOK_AGAIN);
      } finally {
        board.unlock();
      }
      try {
        Source found = checks.find(lane);
        board.lock();
        lane.found(found);
        board.unlock();
        log.info("{} is there now, and is listened to", lane);
      } catch (StartChecks.Refusal e) {
        if (lane.failureLog.isNew(e.problem.problem())) {
          log.info("still waiting, and looking every {} s: {}", LOOK_AGAIN / SECOND, e.problem);
        }
      }
    }
  }

  private @Nullable Grant awaitGrant() throws InterruptedException {
    board.lock();
    try {
      long idleSince = board.clock.nanoTime();
      for (; ; ) {
        long now = board.clock.nanoTime();
        Grant grant = board.grant(lane, now);
        if (grant != null) {
          return grant;
        }
        boolean extra = lane.pollers > 1;
        if (!board.isReceiving() || (extra && now - idleSince >= IDLE)) {
          lane.pollers--;
          return null;
        }
        long wait = lane.blockedUntil == Long.MAX_VALUE ? Long.MAX_VALUE : lane.blockedUntil - now;
        lane.idlePollers++;
        try {
          board.await(lane.mayAsk, extra ? Math.min(wait, IDLE) : wait);
        } finally {
          lane.idlePollers--;
        }
      }
    } finally {
      board.unlock();
    }
  }

  /** Makes the receive that was granted, and sees to it that the grant is settled in any case. */
  void receive(Grant grant) {
    List<Message> messages;
    try {
      messages = lane.source().gateway().receive(template(), grant.messages(), grant.attemptId());
    } catch (RuntimeException e) {
      failed(grant, e);
      return;
    } catch (Error e) {
      failed(grant, e);
      log.error("a poller of {} met an error; it goes on", lane, e);
      return;
    }
    answered(grant, messages);
  }

  private ReceiveMessageRequest template() {
    ReceiveMessageRequest t = template;
    if (t == null) {
      SqsListenerConfig c = lane.config;
      int wait =
          c.polling() instanceof Polling.LongPoll longPoll
              ? (int) longPoll.waitTime().toSeconds()
              : 0;
      Duration hide = lane.source().overridesVisibility() ? lane.source().visibility() : null;
      t =
          SqsGateway.receiveTemplate(
              lane.source().url(), lane.isFifo(), wait, c.messageAttributes(), hide);
      template = t;
    }
    return t;
  }

  /** Takes in what a receive brought. Separate from the call, so that tests can step it. */
  void answered(Grant grant, List<Message> messages) {
    long now = board.clock.nanoTime();
    List<Delivery> arrived = new ArrayList<>(messages.size());
    for (Message message : messages) {
      arrived.add(delivery(message, now));
    }
    List<Delivery> release = new ArrayList<>(0);
    List<Delivery> delete = new ArrayList<>(0);
    int failuresEnded;
    board.lock();
    try {
      settle(grant, arrived.size(), now);
      failuresEnded = lane.backoff.succeeded();
      for (Delivery delivery : arrived) {
        take(delivery, now, release, delete);
      }
      board.wakePoller(lane, now);
      board.wakeSlot();
    } finally {
      board.unlock();
    }
    if (failuresEnded > 0 && lane.failureLog.clear()) {
      log.info("receives from {} succeed again, after {} that failed", lane, failuresEnded);
    }
    release.forEach(d -> giveBacks.release(d, "the listener stops"));
    delete.forEach(d -> acknowledger.add(d, true));
    events.received(lane, messages.size(), now - grant.askedAt());
  }

  private void settle(Grant grant, int got, long now) {
    board.settle(grant);
    lane.receives.answered(grant.messages(), got, now);
    lane.lastAnswerAt = now;
    if (got > 0) {
      lane.heat.fed(grant.askedAt(), now);
    } else {
      lane.heat.empty(grant.askedAt(), now, board.hold.of(lane.heat.times()));
      if (lane.config.polling() instanceof Polling.ShortPoll shortPoll) {
        lane.nextPollAt = now + shortPoll.interval().toNanos();
      }
    }
  }

  /** Decides what becomes of one that arrived. Under the board's lock. */
  private void take(Delivery d, long now, List<Delivery> release, List<Delivery> delete) {
    lane.counters.received++;
    lane.expectedBytes = Math.max(d.bytes, lane.expectedBytes - lane.expectedBytes / 16);
    Delivery known = lane.here.get(d.id());
    if (known != null && known.stage != Delivery.Stage.GIVING_BACK) {
      // Its lease ran out, or a standard queue delivered it twice: one message, the newest receipt.
      lane.counters.duplicates++;
      known.receiptHandle = d.receiptHandle;
      known.lease = d.lease;
      return;
    }
    if (board.handledHere.knows(lane, d.id())) {
      lane.counters.duplicates++;
      if (board.handledHere.awaitsConfirmation(lane, d.id())) {
        lane.counters.confirmedLate();
        d.outcome = Outcome.HANDLED;
      } else {
        d.outcome = Outcome.DELETED_AGAIN;
      }
      d.stage = Delivery.Stage.DELETING;
      lane.here.put(d.id(), d);
      delete.add(d);
      return;
    }
    if (!board.isReceiving()) {
      d.stage = Delivery.Stage.GIVING_BACK;
      lane.here.put(d.id(), d);
      release.add(d);
      return;
    }
    board.enter(d, now);
  }

  private Delivery delivery(Message message, long now) {
    Delivery d =
        new Delivery(lane, message, Lease.received(now, lane.source().visibility()), now, desk);
    d.priority = lane.priority;
    var priorityOf = lane.config.priorityOf();
    if (priorityOf.isPresent()) {
      try {
        int own = priorityOf.get().applyAsInt(d.message);
        int max = SqsListenerConfig.MAX_PRIORITY;
        d.priority = Math.max(-max, Math.min(max, own));
      } catch (RuntimeException | Error e) {
        if (lane.failureLog.isNew("priorityOf " + e.getClass())) {
          log.warn(
              "priorityOf of {} threw; its messages have the queue's priority; logged once",
              lane,
              e);
        }
      }
    }
    return d;
  }

  /** Backs off, on this queue alone. */
  void failed(Grant grant, Throwable failure) {
    long now = board.clock.nanoTime();
    Duration wait;
    boolean stopping;
    board.lock();
    try {
      board.settle(grant);
      lane.receives.failed();
      lane.heat.failed(grant.askedAt());
      if (grant.attemptId() != null && failure instanceof SdkClientException) {
        // The answer may have been lost on the way: asking with the same id brings it again.
        lane.lostAttempts.add(Objects.requireNonNull(grant.attemptId()));
      }
      wait = lane.backoff.failed(now);
      stopping = !board.isReceiving();
      board.wakeSlot();
    } finally {
      board.unlock();
    }
    if (!stopping && lane.failureLog.isNew(failure)) {
      log.warn(
          "receive from {} failed, tried again in {} ms and until it succeeds; logged once for its"
              + " kind",
          lane,
          wait.toMillis(),
          failure);
    }
    events.receiveFailed(lane, failure, wait);
  }
}
