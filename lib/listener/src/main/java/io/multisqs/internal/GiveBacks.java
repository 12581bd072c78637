package io.multisqs.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives messages back to SQS: after a failure with the delay of the retry policy, unhandled ones at
 * once. In batches, on threads of its own. What cannot be given back returns by itself when its
 * visibility timeout runs out.
 */
final class GiveBacks {
  private static final Logger log = LoggerFactory.getLogger("io.multisqs.GiveBacks");

  static final int MAX_CALLS = 4;

  private static final int MAX_TRIES = 4;

  /** Siblings fail together; this much lets them share a call. */
  private static final long LINGER = 20_000_000L;

  private static final long RETRY_AFTER = 250_000_000L;

  /** How long to wait for an extension that is under way. */
  private static final long AFTER_EXTENSION = 20_000_000L;

  private static final class Item {
    final Delivery delivery;
    final int seconds;
    final Outcome outcome;
    final String reason;
    int tries;

    Item(Delivery delivery, int seconds, Outcome outcome, String reason) {
      this.delivery = delivery;
      this.seconds = seconds;
      this.outcome = outcome;
      this.reason = reason;
    }
  }

  private final Board board;
  private final Events events;
  private final BatchCalls<Item> calls;
  private final FailureLog failureLog = new FailureLog();

  GiveBacks(Board board, Events events, Consumer<Runnable> startThread) {
    this.board = board;
    this.events = events;
    this.calls = new BatchCalls<>(board.clock, MAX_CALLS, startThread, this::send);
  }

  /** A failed message, to be visible again after some seconds. Not under the board's lock. */
  void retry(Delivery delivery, int seconds) {
    add(new Item(delivery, seconds, Outcome.RETRIED, "retry"));
  }

  /** A message that was not started, to be visible at once. Not under the board's lock. */
  void release(Delivery delivery, String reason) {
    add(new Item(delivery, 0, Outcome.RELEASED, reason));
  }

  private void add(Item item) {
    calls.add(item.delivery.lane, item, 10, LINGER);
  }

  private void send(Lane lane, List<Item> batch) {
    List<Item> current = current(batch);
    if (current.isEmpty()) {
      return;
    }
    List<String> receipts = current.stream().map(i -> i.delivery.receiptHandle).toList();
    List<Integer> seconds = current.stream().map(i -> i.seconds).toList();
    List<Item> again = new ArrayList<>(0);
    try {
      for (var refused :
          lane.source().gateway().changeVisibility(lane.source().url(), receipts, seconds)) {
        Item item = current.get(refused.index());
        item.tries++;
        if (item.tries < MAX_TRIES && !"ReceiptHandleIsInvalid".equals(refused.code())) {
          again.add(item);
        }
        noteFailure(lane, refused.code(), refused.text());
      }
    } catch (RuntimeException | Error e) {
      noteFailure(lane, e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
      current.stream().filter(i -> ++i.tries < MAX_TRIES).forEach(again::add);
    }
    settle(current, again);
    again.forEach(item -> calls.addAfter(lane, item, RETRY_AFTER << item.tries));
  }

  /**
   * Those that are still this process's. One whose lease ran out may have been received again, here
   * or elsewhere: giving it back now would take it from who has it.
   */
  private List<Item> current(List<Item> batch) {
    List<Item> current = new ArrayList<>(batch.size());
    List<Item> gone = new ArrayList<>(0);
    List<Item> extending = new ArrayList<>(0);
    long now = board.clock.nanoTime();
    board.lock();
    try {
      for (Item item : batch) {
        Delivery d = item.delivery;
        boolean ours = d.lane.here.get(d.id()) == d && !d.lease.mayHaveRunOut(now);
        // An extension that arrived after this would hide the message again.
        (!ours ? gone : d.extending ? extending : current).add(item);
      }
    } finally {
      board.unlock();
    }
    settle(gone, List.of());
    extending.forEach(item -> calls.addAfter(item.delivery.lane, item, AFTER_EXTENSION));
    return current;
  }

  private void settle(List<Item> sent, List<Item> again) {
    board.lock();
    try {
      for (Item item : sent) {
        if (!again.contains(item)) {
          board.close(item.delivery, item.outcome);
        }
      }
    } finally {
      board.unlock();
    }
    for (Item item : sent) {
      if (item.outcome == Outcome.RELEASED && !again.contains(item)) {
        events.released(item.delivery.message, item.reason);
      }
    }
  }

  private void noteFailure(Lane lane, String code, String text) {
    if (failureLog.isNew(lane + code)) {
      log.warn(
          "giving messages of {} back failed ({}: {}); tried {} times, then they return when their"
              + " visibility timeout runs out; logged once",
          lane,
          code,
          text,
          MAX_TRIES);
    }
  }

  void hurry() {
    calls.hurry();
  }

  int step() {
    return calls.step();
  }
}
