package io.multisqs.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Decides about messages that leave this process: what the answer to a delete or to a give-back
 * means, and which messages were left on their way. A part of the {@link Board}: it takes the
 * board's lock.
 */
final class Departures {
  /** What a delete that SQS confirmed means. */
  enum Deleted {
    /** The message is deleted. */
    SURELY,

    /** It was received again meanwhile: only its newest receipt handle surely deletes it. */
    RECEIVED_AGAIN,

    /** The answer came when its lease may have run out: it may be with another consumer. */
    LATE
  }

  /** Whether a message may be given back. */
  enum MayGiveBack {
    NOW,

    /** An extension is under way, which must not come later, and hide the message again. */
    LATER,

    /** Others may have it by now: giving it back would take it from them. It is closed. */
    NO_MORE
  }

  private final Board board;

  Departures(Board board) {
    this.board = board;
  }

  /**
   * A call for deletes of one queue was answered: closes the messages that it deleted.
   *
   * @param callTook how long the call took; {@link Long#MAX_VALUE} if it failed, which tells
   *     nothing of the way
   * @param confirmed the messages whose deletes SQS confirmed
   * @param receipts the receipt handles that the call used
   * @return what each confirmation means
   */
  List<Deleted> deletesAnswered(
      Lane lane, long callTook, List<Delivery> confirmed, List<String> receipts, long now) {
    List<Deleted> results = new ArrayList<>(confirmed.size());
    board.lock();
    try {
      if (callTook != Long.MAX_VALUE) {
        board.receiving.callTook(lane, callTook);
      }
      for (int i = 0; i < confirmed.size(); i++) {
        Delivery d = confirmed.get(i);
        if (!receipts.get(i).equals(d.receiptHandle)) {
          results.add(Deleted.RECEIVED_AGAIN);
        } else if (d.lease.mayHaveRunOut(now)) {
          // SQS says yes to an outdated receipt as well, and then deletes nothing.
          results.add(Deleted.LATE);
        } else {
          results.add(Deleted.SURELY);
          board.handledHere.remember(d, true);
          board.close(d, d.outcome);
        }
      }
    } finally {
      board.unlock();
    }
    return results;
  }

  /**
   * SQS does not confirm a message's delete: it is remembered, and deleted when it returns.
   *
   * @return those of its FIFO group, which would now overtake it, to be given back
   */
  List<Delivery> deleteGivenUp(Delivery d) {
    board.lock();
    try {
      boolean handled = d.outcome == Outcome.HANDLED;
      board.handledHere.remember(d, !handled);
      List<Delivery> behind = board.withdrawBehind(d);
      board.close(d, handled ? Outcome.UNCONFIRMED : d.outcome);
      return behind;
    } finally {
      board.unlock();
    }
  }

  /** Whether each of these may be given back. */
  List<MayGiveBack> mayGiveBack(List<Delivery> deliveries, long now) {
    List<MayGiveBack> verdicts = new ArrayList<>(deliveries.size());
    board.lock();
    try {
      board.lookForSuspension(now);
      for (Delivery d : deliveries) {
        if (d.stage == Delivery.Stage.CLOSED || board.leaseOf(d).mayHaveRunOut(now)) {
          verdicts.add(MayGiveBack.NO_MORE);
          board.close(d, d.outcome);
        } else {
          verdicts.add(d.extensionsOut > 0 ? MayGiveBack.LATER : MayGiveBack.NOW);
        }
      }
    } finally {
      board.unlock();
    }
    return verdicts;
  }

  /** Closes messages that were given back, or cannot be. */
  void givenBack(List<Delivery> over) {
    board.lock();
    try {
      over.forEach(d -> board.close(d, d.outcome));
    } finally {
      board.unlock();
    }
  }

  /** A call for messages of this queue was answered after so long. */
  void callTook(Lane lane, long nanos) {
    board.lock();
    try {
      board.receiving.callTook(lane, nanos);
    } finally {
      board.unlock();
    }
  }

  /**
   * Finds messages that are done with here, and that no thread is telling SQS about. A message is
   * such a stray if two looks in a row find it so: on its way it is for a moment only.
   */
  List<Delivery> strays() {
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
    if (!leaves || d.handedOver()) {
      return false;
    }
    boolean again = d.seenUnhanded;
    d.seenUnhanded = true;
    return again;
  }
}
