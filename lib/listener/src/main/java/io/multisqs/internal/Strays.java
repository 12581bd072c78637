package io.multisqs.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds messages that are done with here, and that nobody is telling SQS about: an error, such as
 * the lack of memory, met the thread that was to hand them over. Left alone they would be kept
 * leased for ever, and hold up their FIFO group and the stop.
 *
 * <p>One is a stray if two looks in a row find it so; on its way it is for a moment only.
 */
final class Strays {
  private static final Log log = Log.of("io.multisqs.Strays");

  private static final long EVERY = Duration.ofSeconds(5).toNanos();

  private final Board board;
  private final Acknowledger acknowledger;
  private final GiveBacks giveBacks;

  Strays(Board board, Acknowledger acknowledger, GiveBacks giveBacks) {
    this.board = board;
    this.acknowledger = acknowledger;
    this.giveBacks = giveBacks;
  }

  /** Looks for them; returns when to look again. Called by the housekeeper. */
  long step(long now) {
    List<Delivery> found = find();
    for (Delivery stray : found) {
      if (stray.stage == Delivery.Stage.DELETING) {
        acknowledger.add(stray, true);
      } else {
        // With the delay that its policy asked for lost, at once: it is retried late as it is.
        giveBacks.release(stray, "there was no memory to give it back sooner");
      }
    }
    if (!found.isEmpty()) {
      log.warn("{} messages had been left on their way to SQS, and are sent on now", found.size());
    }
    acknowledger.lookAgain();
    giveBacks.lookAgain();
    return now + EVERY;
  }

  private List<Delivery> find() {
    List<Delivery> found = new ArrayList<>(0);
    board.lock();
    try {
      for (Lane lane : board.lanes) {
        if (lane.leaving() > 0) {
          for (Delivery d : lane.here.values()) {
            if (isStray(d)) {
              found.add(d);
            }
          }
        }
      }
    } finally {
      board.unlock();
    }
    return found;
  }

  private static boolean isStray(Delivery d) {
    boolean leaves = d.stage == Delivery.Stage.DELETING || d.stage == Delivery.Stage.GIVING_BACK;
    if (!leaves || d.handedOver) {
      return false;
    }
    boolean again = d.seenUnhanded;
    d.seenUnhanded = true;
    return again;
  }
}
