package io.multisqs.internal;

import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Receives from one queue: asks for leave, makes the receive, and lays what it brought before the
 * board. One thread of it stands for each queue, more while the queue is deep.
 */
final class QueuePoller implements Runnable {
  private static final Log log = Log.of("io.multisqs.QueuePoller");

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
  private final Runnable onFound;
  private @Nullable ReceiveMessageRequest template;

  // Its own thread's.
  private boolean hasStarted;
  private @Nullable Grant unsettled;

  QueuePoller(
      Board board,
      Lane lane,
      Events events,
      GiveBacks giveBacks,
      Acknowledger acknowledger,
      Delivery.Desk desk,
      StartChecks checks,
      Runnable onFound) {
    this.board = board;
    this.lane = lane;
    this.events = events;
    this.giveBacks = giveBacks;
    this.acknowledger = acknowledger;
    this.desk = desk;
    this.checks = checks;
    this.onFound = onFound;
  }

  /** The poller's thread: until the listener stops, or nothing was to be asked for a while. */
  @Override
  public void run() {
    new Loop("a poller of " + lane, lane.failureLog, this::step).run();
  }

  /** Makes one receive; returns whether its thread is still wanted. */
  private boolean step() throws InterruptedException {
    if (!hasStarted) {
      board.receiving.pollerStarted(lane);
      hasStarted = true;
    }
    Grant left = unsettled;
    if (left != null) {
      // An error met this thread on its way back from a receive.
      board.arrivals.abandoned(left);
      unsettled = null;
    }
    if (!board.isOpen()) {
      board.receiving.pollerEnded(lane);
      return false;
    }
    lookUntilFound();
    Grant grant = board.receiving.awaitGrant(lane);
    if (grant == null) {
      return false;
    }
    unsettled = grant;
    receive(grant);
    unsettled = null;
    return true;
  }

  /** An awaited queue is looked for again and again, until it is there or the listener stops. */
  private void lookUntilFound() throws InterruptedException {
    while (!lane.isKnown()) {
      if (!board.receiving.awaitNextLook(lane, LOOK_AGAIN)) {
        return;
      }
      try {
        Source found = checks.find(lane);
        checks.take(lane, found, board.lanes, board.receiving::found);
        onFound.run();
        log.info("{} is there now, and is listened to", lane);
      } catch (StartChecks.Refusal e) {
        if (lane.failureLog.isNew(e.problem.problem())) {
          String text = "still waiting, and looking every {} s: {}";
          if (e.missing) {
            log.info(text, LOOK_AGAIN / SECOND, e.problem);
          } else {
            log.warn(text, LOOK_AGAIN / SECOND, e.problem);
          }
        }
      }
    }
  }

  /** Makes the receive that was granted, and sees to it that the grant is settled in any case. */
  void receive(Grant grant) {
    List<Message> messages;
    try {
      messages =
          lane.source()
              .gateway()
              .receive(template(grant.standsFor), grant.messages, grant.attemptId);
    } catch (Throwable e) {
      // Throwable on purpose: a user's client may throw what it does not declare.
      failed(grant, e);
      return;
    }
    answered(grant, messages);
  }

  private ReceiveMessageRequest template(Duration standsFor) {
    ReceiveMessageRequest t = template;
    if (t == null || t.waitTimeSeconds() != standsFor.toSeconds()) {
      SqsListenerConfig c = lane.config;
      t =
          lane.source()
              .gateway()
              .receiveTemplate(
                  lane.source().url(),
                  lane.isFifo(),
                  (int) standsFor.toSeconds(),
                  c.messageAttributes(),
                  c.messageSystemAttributes(),
                  lane.source().visibility());
      template = t;
    }
    return t;
  }

  /** Takes in what a receive brought. Separate from the call, so that tests can step it. */
  void answered(Grant grant, List<Message> messages) {
    long now = board.clock.nanoTime();
    board.lookForSuspension(now);
    // If the machine stood still meanwhile, SQS may have answered before that.
    long leaseFrom =
        board.suspensions.since(grant.askedAt) > 0
            ? grant.askedAt
            : Lease.countedFrom(grant.askedAt, now, grant.standsFor, lane.source().visibility());
    List<Delivery> arrived = new ArrayList<>(messages.size());
    try {
      for (Message message : messages) {
        arrived.add(delivery(message, now, leaseFrom));
      }
    } catch (Throwable e) {
      // Whatever it was: the grant is given back, and the messages return by themselves.
      failed(grant, e);
      return;
    }
    Arrivals.Answered answer = board.arrivals.answered(grant, arrived, now);
    if (lane.failureLog.succeeded()) {
      log.info("receives from {} succeed again, and have for a minute", lane);
    }
    answer.release().forEach(d -> giveBacks.release(d, Board.BREAKER_OPENED));
    answer.delete().forEach(d -> acknowledger.add(d, true));
    if (answer.pollsDoNotStand()) {
      log.warn(
          "long polls of {} come back empty at once, though they should stand for {} s, as if a"
              + " proxy cut them: they are made ever less often, until one stands or brings"
              + " something; logged once",
          lane,
          grant.standsFor.toSeconds());
    }
    long from = board.clock.nanoTime();
    events.received(lane, messages.size(), now - grant.askedAt);
    lane.tellingTook(events.hasListener() ? board.clock.nanoTime() - from : 0);
  }

  private Delivery delivery(Message message, long now, long leaseFrom) {
    Lease lease = Lease.received(leaseFrom, lane.source().visibility());
    Delivery d = new Delivery(lane, message, lease, now, desk);
    d.priority = lane.priority;
    var priorityOf = lane.config.priorityOf();
    if (priorityOf.isPresent()) {
      try {
        int own = priorityOf.get().applyAsInt(d.message);
        int max = SqsListenerConfig.MAX_PRIORITY;
        d.priority = Math.max(-max, Math.min(max, own));
        d.ownPriority = true;
      } catch (Throwable e) {
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
    boolean answerMayBeLost = failure instanceof SdkClientException;
    Arrivals.Failed failed = board.arrivals.failed(grant, answerMayBeLost, now);
    Duration wait = failed.retryIn();
    failed.release().forEach(d -> giveBacks.release(d, Board.BREAKER_OPENED));
    if (!failed.stopping() && lane.failureLog.isNew(failure)) {
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
