package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gives messages back to SQS: after a failure with the delay of the retry policy, unhandled ones at
 * once. In batches, on threads of its own. What cannot be given back returns by itself when its
 * visibility timeout runs out.
 */
final class GiveBacks {
  private static final Log log = Log.of("io.multisqs.GiveBacks");

  static final int MAX_CALLS = 16;

  private static final int MAX_TRIES = 4;

  /** Siblings fail together; this much lets them share a call. */
  private static final long LINGER = 20_000_000L;

  private static final long RETRY_AFTER = 250_000_000L;

  private static final class Item {
    final Delivery delivery;
    final int seconds;
    final String reason;
    int tries;

    Item(Delivery delivery, int seconds, String reason) {
      this.delivery = delivery;
      this.seconds = seconds;
      this.reason = reason;
    }
  }

  private final ListenerClock clock;
  private final Departures departures;
  private final Events events;
  private final BatchCalls<Item> calls;
  private volatile boolean hurried;

  GiveBacks(Board board, Events events, Consumer<Runnable> startThread) {
    this.clock = board.clock;
    this.departures = board.departures;
    this.events = events;
    this.calls = new BatchCalls<>(clock, MAX_CALLS, startThread, this::send);
  }

  /** A failed message, to be visible again after some seconds. Not under the board's lock. */
  void retry(Delivery delivery, int seconds) {
    add(new Item(delivery, seconds, "retry"));
  }

  /** A message that was not started, to be visible at once. Not under the board's lock. */
  void release(Delivery delivery, String reason) {
    add(new Item(delivery, 0, reason));
  }

  private void add(Item item) {
    calls.add(item.delivery.lane, item, 10, LINGER);
    item.delivery.handOver();
  }

  private void send(Lane lane, List<Item> batch) {
    List<Item> current = current(batch);
    if (current.isEmpty()) {
      return;
    }
    List<String> receipts = current.stream().map(i -> i.delivery.receiptHandle).toList();
    long now = clock.nanoTime();
    // SQS hides a message 12 h in all, and refuses a longer delay than is left of them.
    List<Integer> seconds =
        current.stream()
            .map(i -> Math.min(i.seconds, i.delivery.lease.extension(now, Lease.LIMIT)))
            .toList();
    List<Item> failed = new ArrayList<>(0);
    List<Item> hopeless = new ArrayList<>(0);
    try {
      for (var refused :
          lane.source().gateway().changeVisibility(lane.source().url(), receipts, seconds)) {
        Item item = current.get(refused.index());
        ("ReceiptHandleIsInvalid".equals(refused.code()) ? hopeless : failed).add(item);
        noteFailure(lane, refused.code(), refused.text());
      }
      departures.callTook(lane, clock.nanoTime() - now);
      if (failed.isEmpty() && hopeless.isEmpty()) {
        lane.giveBackFailureLog.succeeded();
      }
    } catch (Throwable e) {
      failed.addAll(current);
      noteFailure(lane, e.getClass().getSimpleName(), e);
    }
    List<Item> done = new ArrayList<>(current);
    done.removeAll(failed);
    done.removeAll(hopeless);
    close(done);
    done.forEach(this::tell);
    close(hopeless);
    tryAgain(failed);
  }

  /**
   * A few times; while the listener stops, to its deadline, as its account tells what was given
   * back.
   */
  private void tryAgain(List<Item> failed) {
    List<Item> over = new ArrayList<>(0);
    for (Item item : failed) {
      if (++item.tries < MAX_TRIES || hurried) {
        long wait = RETRY_AFTER << Math.min(item.tries, MAX_TRIES);
        calls.addAfter(item.delivery.lane, item, wait);
      } else {
        over.add(item);
      }
    }
    close(over);
  }

  /** Those that may be given back now; those whose extension is under way wait for its answer. */
  private List<Item> current(List<Item> batch) {
    List<Departures.MayGiveBack> may = departures.mayGiveBack(deliveries(batch), clock.nanoTime());
    List<Item> current = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      Item item = batch.get(i);
      switch (may.get(i)) {
        case NOW -> current.add(item);
        case LATER -> calls.addAfter(item.delivery.lane, item, LINGER);
        case NO_MORE -> {}
      }
    }
    return current;
  }

  private void close(List<Item> over) {
    departures.givenBack(deliveries(over));
  }

  private static List<Delivery> deliveries(List<Item> items) {
    return items.stream().map(item -> item.delivery).toList();
  }

  private void tell(Item item) {
    if (item.delivery.outcome == Outcome.RELEASED) {
      events.released(item.delivery.message, item.reason);
    }
  }

  private void noteFailure(Lane lane, String code, Object text) {
    if (lane.giveBackFailureLog.isNew(code)) {
      log.warn(
          "giving messages of {} back failed ({}: {}); tried {} times, then they return when their"
              + " visibility timeout runs out; logged once",
          lane,
          code,
          text,
          MAX_TRIES);
    }
  }

  /** From now on nothing lingers, and nothing is given up: a stop waits. */
  void hurry() {
    hurried = true;
    calls.hurry();
  }

  /** From now on no more than so many calls are under way at once. */
  void limitCalls(int most) {
    calls.limitThreads(most);
  }

  /** See {@link BatchCalls#lookAgain}. */
  void lookAgain() {
    calls.lookAgain();
  }

  /** No more calls. */
  void end() {
    calls.end();
  }

  int step() {
    return calls.step();
  }
}
