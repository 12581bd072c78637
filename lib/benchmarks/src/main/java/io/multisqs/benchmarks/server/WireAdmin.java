package io.multisqs.benchmarks.server;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Steers and reads the server over plain GET requests without injected latency, as a bench in
 * another process must. An unknown path or a bad value is answered with an {@code error} member.
 * Touched by the loop's thread only.
 *
 * <ul>
 *   <li>{@code /queue?name=&visibility=}: creates a queue, visibility timeout in seconds
 *   <li>{@code /preload?queue=&count=&bytes=}: so many messages of that size, all of one body
 *   <li>{@code /endless?queue=&bytes=}: from now on the queue always has another message
 *   <li>{@code /burst?queue=&count=&bytes=&inMicros=&times=&everyMicros=}: {@code count} messages
 *       at once, {@code times} times; their bodies begin with the {@link System#nanoTime()} at
 *       which they became visible
 *   <li>{@code /drain?queue=}: drops all of a queue's messages and ends its endlessness and all
 *       bursts
 *   <li>{@code /latency?micros=&jitterMicros=}: of a round trip
 *   <li>{@code /recording?on=}: whether the journal is kept
 *   <li>{@code /stats}: counts by action, queues' depths, CPU time of the loop and of the process
 *   <li>{@code /reset}: counts to zero
 * </ul>
 */
final class WireAdmin {
  private final WireState state;
  private final WireLoop loop;
  private final Out out = new Out();

  /** Raised to end the bursts that were ordered before. */
  private int burstEpoch;

  WireAdmin(WireState state, WireLoop loop) {
    this.state = state;
    this.loop = loop;
  }

  /** The answer is valid until the next call. */
  Out serve(String pathAndQuery, long now) {
    out.clear();
    try {
      int mark = pathAndQuery.indexOf('?');
      String path = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
      perform(path, new AdminQuery(mark < 0 ? "" : pathAndQuery.substring(mark + 1)), now);
    } catch (RuntimeException e) {
      out.clear();
      out.ascii("{\"error\":").quoted(String.valueOf(e.getMessage())).ascii("}");
    }
    return out;
  }

  private void perform(String path, AdminQuery query, long now) {
    switch (path) {
      case "/queue" ->
          state.createQueue(
              query.text("name"), Map.of("VisibilityTimeout", "" + query.number("visibility", 30)));
      case "/preload" ->
          preload(query.text("queue"), query.number("count"), query.number("bytes", 1024), now);
      case "/endless" -> {
        WireQueue queue = state.createQueue(query.text("queue"), Map.of());
        queue.endless = Body.padded("0", query.number("bytes", 1024));
        queue.serveWaiting(now);
      }
      case "/burst" ->
          burst(
              state.createQueue(query.text("queue"), Map.of()),
              query.number("count"),
              query.number("bytes", 1024),
              now + TimeUnit.MICROSECONDS.toNanos(query.number("inMicros", 0)),
              query.number("times", 1),
              TimeUnit.MICROSECONDS.toNanos(query.number("everyMicros", 0)));
      case "/drain" -> {
        WireQueue queue = state.queue(query.text("queue"));
        queue.endless = null;
        burstEpoch++;
        queue.purge(now);
      }
      case "/latency" ->
          state.latency(
              TimeUnit.MICROSECONDS.toNanos(query.number("micros")),
              TimeUnit.MICROSECONDS.toNanos(query.number("jitterMicros", 0)));
      case "/recording" -> state.journal.on(query.text("on").equals("true"));
      case "/reset" -> state.clearCounts();
      case "/stats" -> {
        stats();
        return;
      }
      default -> throw new IllegalArgumentException("no such path: " + path);
    }
    out.ascii("{}");
  }

  void preload(String queueName, int count, int bytes, long now) {
    WireQueue queue = state.createQueue(queueName, Map.of());
    Body body = Body.padded("0", bytes);
    for (int i = 0; i < count; i++) {
      queue.add(body, now, 0);
    }
    queue.serveWaiting(now);
  }

  void burst(WireQueue queue, int count, int bytes, long at, int times, long every) {
    int epoch = burstEpoch;
    state.timers.at(
        at,
        now -> {
          if (epoch != burstEpoch) {
            return;
          }
          Body body = Body.padded(Long.toString(now), bytes);
          for (int i = 0; i < count; i++) {
            queue.add(body, now, 0);
          }
          queue.serveWaiting(now);
          if (times > 1) {
            burst(queue, count, bytes, at + every, times - 1, every);
          }
        });
  }

  private void stats() {
    out.ascii("{\"requests\":{");
    String comma = "";
    for (Action action : Action.values()) {
      out.ascii(comma).quoted(action.label).ascii(":").number(state.requests(action));
      comma = ",";
    }
    out.ascii("},\"emptyReceives\":").number(state.emptyReceives);
    out.ascii(",\"handedOut\":").number(state.handedOut);
    out.ascii(",\"deleted\":").number(state.deleted);
    out.ascii(",\"cpuNanos\":").number(loop.cpuNanos());
    out.ascii(",\"processCpuNanos\":").number(processCpuNanos());
    out.ascii(",\"queues\":{");
    comma = "";
    for (WireQueue queue : state.queues.values()) {
      out.ascii(comma).quoted(queue.name).ascii(":{\"visible\":").number(queue.visible());
      out.ascii(",\"invisible\":").number(queue.invisible()).ascii("}");
      comma = ",";
    }
    out.ascii("}}");
  }

  private static long processCpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean bean
        ? bean.getProcessCpuTime()
        : -1;
  }
}
