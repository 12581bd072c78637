package io.multisqs.internal;

import io.multisqs.Polling;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  /**
   * A poller beyond the first that had nothing to do this long ends; and so does one more than were
   * needed at once lately, which would else take turns with the others for ever.
   */
  private static final long IDLE = Duration.ofSeconds(10).toNanos();

  /** Users who take no longer to be told of a receive hold nobody up. */
  private static final long QUICK = Duration.ofMillis(5).toNanos();

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
      abandon(left);
    }
    if (isOver()) {
      board.receiving.pollerEnded(lane);
      return false;
    }
    lookUntilFound();
    Grant grant = awaitGrant();
    if (grant == null) {
      return false;
    }
    unsettled = grant;
    receive(grant);
    return true;
  }

  /**
   * An error met it on its way back: else a stop would wait for it, and no other take its place.
   */
  private void abandon(Grant grant) {
    board.lock();
    try {
      board.receiving.settle(grant);
      lane.receives.failed();
      unsettled = null;
      lane.heat.failed(grant.askedAt(), grant.askedAt());
    } finally {
      board.unlock();
    }
  }

  private boolean isOver() {
    board.lock();
    try {
      return !board.isReceiving();
    } finally {
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
        try {
          checks.take(lane, found, board.lanes);
        } finally {
          board.unlock();
        }
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

  private @Nullable Grant awaitGrant() throws InterruptedException {
    board.lock();
    try {
      long idleSince = board.clock.nanoTime();
      for (; ; ) {
        long now = board.clock.nanoTime();
        Grant grant = board.receiving.grant(lane, now);
        if (grant != null) {
          return grant;
        }
        int living = lane.pollers - lane.startingPollers;
        boolean extra = living > 1;
        // One more than were out at once may stay: whoever brings an answer is not idle yet when
        // the next may ask.
        boolean needless =
            extra && (now - idleSince >= IDLE || living > lane.receives.mostLately(now) + 1);
        if (!board.isReceiving() || needless) {
          lane.pollers--;
          if (lane.idlePollers > 0 && lane.blockedUntil != Long.MAX_VALUE) {
            // Who sleeps on may not know until when: it looks again.
            lane.mayAsk.signal();
          }
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
      messages =
          lane.source()
              .gateway()
              .receive(template(grant.standsFor()), grant.messages(), grant.attemptId());
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
        board.suspensions.since(grant.askedAt()) > 0
            ? grant.askedAt()
            : Lease.countedFrom(
                grant.askedAt(), now, grant.standsFor(), lane.source().visibility());
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
    long wallClock = board.clock.instant().toEpochMilli();
    List<Delivery> release;
    List<Delivery> delete = new ArrayList<>(0);
    boolean pollsDoNotStand;
    board.lock();
    try {
      pollsDoNotStand = settle(grant, arrived, now, wallClock);
      lane.backoff.succeeded(grant.askedAt());
      takeAll(arrived, now, delete);
      release = board.leftovers(lane);
      board.receiving.wakeForMemory(now);
      if (!returnsAtOnce()) {
        board.receiving.wakePoller(lane, now);
      }
      board.wakeSlot();
    } finally {
      board.unlock();
    }
    if (lane.failureLog.succeeded()) {
      log.info("receives from {} succeed again, and have for a minute", lane);
    }
    release.forEach(d -> giveBacks.release(d, Board.SHUT_OFF));
    delete.forEach(d -> acknowledger.add(d, true));
    if (pollsDoNotStand) {
      log.warn(
          "long polls of {} come back empty at once, though they should stand for {} s, as if a"
              + " proxy cut them: they are made ever less often, until one stands or brings"
              + " something; logged once",
          lane,
          grant.standsFor().toSeconds());
    }
    long from = board.clock.nanoTime();
    events.received(lane, messages.size(), now - grant.askedAt());
    lane.tellingTook = events.areHeard() ? board.clock.nanoTime() - from : 0;
  }

  /**
   * Whether this thread is about to ask again, so that no other has to be woken, or started, which
   * would then have nothing to do: it does nothing in between but tell users, who were quick last.
   */
  private boolean returnsAtOnce() {
    return lane.tellingTook < QUICK;
  }

  /** Returns whether it is to be said that long polls do not stand. */
  private boolean settle(Grant grant, List<Delivery> arrived, long now, long wallClock) {
    int got = arrived.size();
    board.receiving.settle(grant);
    lane.receives.answered(grant.messages(), got, now);
    unsettled = null;
    lane.lastAnswerAt = now;
    if (got > 0) {
      boolean lay = someLay(arrived, now, wallClock);
      lane.heat.fed(grant.askedAt(), now, grant.messages(), got, lay);
    } else {
      lane.heat.empty(grant.askedAt(), now, board.receiving.holdOf(lane, now));
      if (lane.config.polling() instanceof Polling.ShortPoll shortPoll) {
        lane.nextPollAt = now + shortPoll.interval().toNanos();
      }
    }
    return lane.emptyPolls.answered(grant, got, now);
  }

  /** Whether one of them had lain in the queue for over a round trip when it was first received. */
  private boolean someLay(List<Delivery> arrived, long now, long wallClock) {
    long oldest = Long.MIN_VALUE;
    for (Delivery d : arrived) {
      Instant sentAt = d.message.sentTime().orElse(null);
      // A message that returns was sent long ago whether or not others wait there.
      if (sentAt != null && d.message.receiveCount() == 1) {
        long age = wallClock - sentAt.toEpochMilli();
        lane.ages.sample(age, now);
        oldest = Math.max(oldest, age);
      }
    }
    return oldest != Long.MIN_VALUE
        && lane.ages.lay(oldest, board.receiving.roundTripOf(lane, now));
  }

  /**
   * One that cannot be taken in, for want of memory, ends it: those behind it may be of its FIFO
   * group, and must not overtake it. All of them return when their visibility timeout runs out.
   */
  private void takeAll(List<Delivery> arrived, long now, List<Delivery> delete) {
    for (Delivery delivery : arrived) {
      try {
        take(delivery, now, delete);
      } catch (Throwable e) {
        lane.counters.received--;
        board.later(() -> log.error("a receive from {} could not be taken in full", lane, e));
        return;
      }
    }
  }

  /** Decides what becomes of one that arrived. Under the board's lock. */
  private void take(Delivery d, long now, List<Delivery> delete) {
    lane.counters.received++;
    lane.arrived(d.bytes);
    String fifoGroup = d.group();
    if (fifoGroup != null) {
      lane.failedHeads.arrived(fifoGroup);
    }
    Delivery known = lane.here.get(d.id());
    if (known != null && known.stage == Delivery.Stage.GIVING_BACK) {
      // It was given back, and is here again before the answer to that.
      board.close(known, known.outcome);
    } else if (known != null) {
      // Its lease ran out, or a standard queue delivered it twice: one message, the newest receipt.
      lane.counters.duplicates++;
      known.receivedAgain(d);
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
      board.leaving(d, Delivery.Stage.DELETING);
      lane.here.put(d.id(), d);
      String group = d.group();
      if (group != null) {
        // Those behind it in the same answer wait for its delete, as for any head's.
        lane.groups.addIfFirst(group, d);
      }
      delete.add(d);
      return;
    }
    board.enter(d, now);
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
    Duration wait;
    boolean stopping;
    List<Delivery> release;
    board.lock();
    try {
      board.receiving.settle(grant);
      lane.receives.failed();
      unsettled = null;
      board.receiving.wakeForMemory(now);
      lane.heat.failed(grant.askedAt(), now);
      if (grant.attemptId() != null && failure instanceof SdkClientException) {
        // The answer may have been lost on the way: asking with the same id brings it again.
        lane.lostAttempts.add(Objects.requireNonNull(grant.attemptId()));
      }
      wait = lane.backoff.failed(grant.askedAt(), now);
      stopping = !board.isReceiving();
      release = board.leftovers(lane);
      board.wakeSlot();
    } finally {
      board.unlock();
    }
    release.forEach(d -> giveBacks.release(d, Board.SHUT_OFF));
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
