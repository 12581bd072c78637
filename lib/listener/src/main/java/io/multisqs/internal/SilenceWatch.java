package io.multisqs.internal;

import io.multisqs.Polling;
import io.multisqs.QueueStatus;
import java.time.Duration;

/**
 * Says so, once, when a queue that should be received from has not been for a while, and makes its
 * poller look again: polling must not stop, and not in silence. Each receive has a time limit, and
 * each change that lets a queue be asked wakes its poller, so this is for what nobody thought of.
 * And it starts the poller of a queue that has none, as no thread could be had for it.
 */
final class SilenceWatch {
  private static final Log log = Log.of("io.multisqs.SilenceWatch");

  /** Well beyond the time limit of a receive, 30 s, and the longest back-off, 30 s. */
  static final Duration SILENCE = Duration.ofMinutes(2);

  private static final long EVERY = Duration.ofSeconds(30).toNanos();

  private final Board board;

  /** No poller is started again before; the housekeeper's thread alone uses it. */
  private long startPollersAt;

  SilenceWatch(Board board) {
    this.board = board;
    this.startPollersAt = board.clock.nanoTime();
  }

  /** Looks at all queues; returns when to look again. Called by the housekeeper. */
  long step(long now) {
    boolean tried = false;
    board.lock();
    try {
      for (Lane lane : board.lanes) {
        if (lane.lacksPoller && board.isOpen() && now >= startPollersAt) {
          board.receiving.startPoller(lane);
          tried = true;
        }
        board.receiving.wakeUnasked(lane, now);
        boolean shouldBeReceived = shouldBeReceived(board, lane, now);
        long since = silentSince(lane);
        boolean silent = now - since > allowed(lane, SILENCE) && shouldBeReceived;
        if (!silent) {
          lane.saidSilent = false;
        } else if (!lane.saidSilent) {
          lane.saidSilent = true;
          long seconds = Duration.ofNanos(now - since).toSeconds();
          int underWay = lane.receives.underWay();
          QueueStatus status = lane.blockedBy;
          board.later(
              () ->
                  log.error(
                      "no receive from {} was answered for {} s: {} under way, {}; logged once",
                      lane,
                      seconds,
                      underWay,
                      status));
        }
      }
    } finally {
      board.unlock();
    }
    if (tried) {
      startPollersAt = now + EVERY;
    }
    return now + EVERY;
  }

  /** Its last answer, or when it last became askable: whichever is later. */
  static long silentSince(Lane lane) {
    return lane.lastAnswerAt == Long.MIN_VALUE || lane.lastBlockedAt - lane.lastAnswerAt > 0
        ? lane.lastBlockedAt
        : lane.lastAnswerAt;
  }

  /** So long, and the pause between two short polls. */
  static long allowed(Lane lane, Duration silence) {
    return lane.config.polling() instanceof Polling.ShortPoll shortPoll
        ? silence.plus(shortPoll.interval()).toNanos()
        : silence.toNanos();
  }

  /** Under way, or free to be: not waiting for a handler, a resume, or a breaker. */
  static boolean shouldBeReceived(Board board, Lane lane, long now) {
    return board.receiving.canAsk(lane, now)
        || lane.receives.underWay() > 0
        || lane.blockedBy == QueueStatus.BACKING_OFF;
  }
}
