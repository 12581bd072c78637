package io.multisqs.internal;

import io.multisqs.Polling;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what becomes of the messages that a receive brought, and of a receive that failed. A part
 * of the {@link Board}: it takes the board's lock.
 */
final class Arrivals {
  private static final Log log = Log.of("io.multisqs.Arrivals");

  /** A thread whose users take no longer to be told of a receive asks again at once. */
  private static final long QUICK = Duration.ofMillis(5).toNanos();

  /**
   * What is to be done after an answer.
   *
   * @param release messages to give back
   * @param delete messages that were handled before, to delete again
   * @param pollsDoNotStand whether to report that long polls come back empty at once
   */
  record Answered(List<Delivery> release, List<Delivery> delete, boolean pollsDoNotStand) {}

  /**
   * What is to be done after a receive that failed.
   *
   * @param retryIn when the next receive may be made
   * @param stopping whether the listener stops, so that there will be none
   * @param release messages to give back
   */
  record Failed(Duration retryIn, boolean stopping, List<Delivery> release) {}

  private final Board board;

  Arrivals(Board board) {
    this.board = board;
  }

  /** Takes in the messages of an answer. */
  Answered answered(Grant grant, List<Delivery> arrived, long now) {
    Lane lane = grant.lane;
    long wallClock = board.clock.instant().toEpochMilli();
    List<Delivery> delete = new ArrayList<>(0);
    board.lock();
    try {
      boolean pollsDoNotStand = settle(grant, arrived, now, wallClock);
      lane.backoff.succeeded(grant.askedAt);
      takeAll(lane, arrived, now, delete);
      List<Delivery> release = board.leftovers(lane);
      board.receiving.wakeForMemory(now);
      // The thread that brought the answer asks again at once, unless its users are slow.
      if (lane.tellingTook() >= QUICK) {
        board.receiving.wakePoller(lane, now);
      }
      board.wakeSlot();
      return new Answered(release, delete, pollsDoNotStand);
    } finally {
      board.unlock();
    }
  }

  /** Takes in the failure of a receive: its queue backs off, and no other. */
  Failed failed(Grant grant, boolean answerMayBeLost, long now) {
    Lane lane = grant.lane;
    board.lock();
    try {
      close(grant);
      board.receiving.wakeForMemory(now);
      lane.heat.failed(grant.askedAt, now);
      if (grant.attemptId != null && answerMayBeLost) {
        // A receive with the same id brings the lost answer again.
        lane.lostAttempts.add(grant.attemptId);
      }
      Duration retryIn = lane.backoff.failed(grant.askedAt, now);
      List<Delivery> release = board.leftovers(lane);
      board.wakeSlot();
      return new Failed(retryIn, !board.isOpen(), release);
    } finally {
      board.unlock();
    }
  }

  /**
   * Closes a grant whose receive met an error of this library on its way back. Left open, it would
   * hold up the stop, and no other receive could take its place.
   */
  void abandoned(Grant grant) {
    board.lock();
    try {
      if (!grant.settled) {
        close(grant);
        grant.lane.heat.failed(grant.askedAt, grant.askedAt);
      }
    } finally {
      board.unlock();
    }
  }

  private void close(Grant grant) {
    board.receiving.settle(grant);
    grant.lane.receives.failed();
    grant.settled = true;
  }

  /** Returns whether to report that long polls do not stand. */
  private boolean settle(Grant grant, List<Delivery> arrived, long now, long wallClock) {
    Lane lane = grant.lane;
    int got = arrived.size();
    board.receiving.settle(grant);
    lane.receives.answered(grant.messages, got, now);
    grant.settled = true;
    lane.lastAnswerAt = now;
    if (got > 0) {
      boolean lay = someLay(lane, arrived, now, wallClock);
      lane.heat.answeredWithMessages(grant.askedAt, now, grant.messages, got, lay);
    } else {
      lane.heat.empty(grant.askedAt, now, board.receiving.holdOf(lane, now));
      if (lane.config.polling() instanceof Polling.ShortPoll shortPoll) {
        lane.nextPollAt = now + shortPoll.interval().toNanos();
      }
    }
    return lane.emptyPolls.answered(grant, got, now);
  }

  /** Whether a message had lain in the queue for over a round trip before its first receive. */
  private boolean someLay(Lane lane, List<Delivery> arrived, long now, long wallClock) {
    long oldest = Long.MIN_VALUE;
    for (Delivery d : arrived) {
      Instant sentAt = d.message.sentTime().orElse(null);
      // A message that returns was sent long ago, whether or not others wait in the queue.
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
   * Takes the messages in, up to the first for which there is no memory: those behind it may be of
   * its FIFO group, and must not overtake it. The rest return when their visibility timeout ends.
   */
  private void takeAll(Lane lane, List<Delivery> arrived, long now, List<Delivery> delete) {
    for (Delivery delivery : arrived) {
      try {
        take(lane, delivery, now, delete);
      } catch (Throwable e) {
        lane.counters.received--;
        board.later(() -> log.error("a receive from {} could not be taken in full", lane, e));
        return;
      }
    }
  }

  private void take(Lane lane, Delivery d, long now, List<Delivery> delete) {
    lane.counters.received++;
    lane.arrived(d.bytes);
    String group = d.group();
    if (group != null) {
      lane.failedHeads.arrived(group);
    }
    Delivery known = lane.here.get(d.id());
    if (known != null && known.stage == Delivery.Stage.GIVING_BACK) {
      // It was given back, and is here again before SQS answered that.
      board.close(known, known.outcome);
    } else if (known != null) {
      // Its lease ran out, or a standard queue delivered it twice: one message, the newest receipt.
      lane.counters.duplicates++;
      known.receivedAgain(d);
      return;
    }
    if (!board.handledHere.knows(lane, d.id())) {
      board.enter(d, now);
      return;
    }
    lane.counters.duplicates++;
    if (board.handledHere.awaitsConfirmation(lane, d.id())) {
      lane.counters.confirmedLate();
      d.outcome = Outcome.HANDLED;
    } else {
      d.outcome = Outcome.DELETED_AGAIN;
    }
    board.leaving(d, Delivery.Stage.DELETING);
    lane.here.put(d.id(), d);
    if (group != null) {
      // Those behind it in the same answer wait for its delete, as for any head's.
      lane.groups.addIfFirst(group, d);
    }
    delete.add(d);
  }
}
