package io.multisqs.benchmarks.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A light SQS server on loopback, in this process or, through {@link #main}, in one of its own. Any
 * credentials and any region are taken. Safe for use by several threads; every method but the
 * look-ups waits for the server's thread.
 *
 * <pre>{@code
 * var options = WireSqsOptions.defaults().withLatency(Duration.ofMillis(15));
 * try (WireSqs server = WireSqs.start(options)) {
 *   server.createQueue("orders", Duration.ofSeconds(30));
 *   Sent sent = server.send("orders", "hello");
 *   ...
 *   long waited = server.handedOutAtNanos(sent.messageId()) - sent.visibleAtNanos();
 * }
 * }</pre>
 */
public final class WireSqs implements AutoCloseable {
  private final WireState state;
  private final WireLoop loop;

  private WireSqs(WireSqsOptions options) throws IOException {
    state = new WireState(options.recording());
    state.latency(options.latency().toNanos(), options.jitter().toNanos());
    loop = new WireLoop(state, options.port());
    loop.start();
  }

  /**
   * A message that was sent from within the process.
   *
   * @param messageId as a receive will show it
   * @param visibleAtNanos when it became visible, on {@link System#nanoTime()}'s scale
   */
  public record Sent(String messageId, long visibleAtNanos) {}

  /** Starts a server; it accepts requests when this returns. */
  public static WireSqs start(WireSqsOptions options) {
    try {
      return new WireSqs(options);
    } catch (IOException e) {
      throw new UncheckedIOException("no server on port " + options.port(), e);
    }
  }

  /** What to give a client as its endpoint. */
  public URI endpoint() {
    return URI.create(loop.endpoint());
  }

  /** The URL of a queue of that name, whether it exists or not. */
  public String queueUrl(String queue) {
    return loop.endpoint() + "/000000000000/" + queue;
  }

  /** Creates the queue, or gives an existing one that visibility timeout. Whole seconds. */
  public void createQueue(String queue, Duration visibilityTimeout) {
    run(
        now ->
            state.createQueue(
                queue, Map.of("VisibilityTimeout", "" + visibilityTimeout.toSeconds())));
  }

  /** Sends one message at once, without injected latency, and creates the queue if need be. */
  public Sent send(String queue, String body) {
    Body encoded = Body.of(body);
    return loop.call(
        now -> {
          WireQueue target = state.createQueue(queue, Map.of());
          WireMessage message = target.add(encoded, now, 0);
          target.serveWaiting(now);
          Out id = new Out();
          message.writeId(id);
          return new Sent(new String(id.data, 0, id.length, StandardCharsets.US_ASCII), now);
        });
  }

  /** Sends {@code count} messages of {@code bodyBytes} bytes that all share one body. */
  public void preload(String queue, int count, int bodyBytes) {
    run(now -> loop.admin().preload(queue, count, bodyBytes, now));
  }

  /**
   * Orders {@code count} messages to become visible together at {@code atNanos}; their bodies begin
   * with the {@link System#nanoTime()} at which they did, followed by a blank if there is more.
   */
  public void burst(String queue, int count, int bodyBytes, long atNanos) {
    run(
        now ->
            loop.admin()
                .burst(state.createQueue(queue, Map.of()), count, bodyBytes, atNanos, 1, 0));
  }

  /**
   * Changes the injected latency for requests that arrive, and answers that are made, from now on.
   */
  public void latency(Duration roundTrip, Duration jitter) {
    run(now -> state.latency(roundTrip.toNanos(), jitter.toNanos()));
  }

  /**
   * When the message last became visible, on {@link System#nanoTime()}'s scale; 0 if it is not
   * known.
   */
  public long visibleAtNanos(String messageId) {
    return state.journal.visibleAt(WireMessage.sequenceOf(messageId));
  }

  /** When the message was last handed out to a receive; 0 if never or if it is not known. */
  public long handedOutAtNanos(String messageId) {
    return state.journal.handedOutAt(WireMessage.sequenceOf(messageId));
  }

  /** When the message was deleted; 0 if it was not or if it is not known. */
  public long deletedAtNanos(String messageId) {
    return state.journal.deletedAt(WireMessage.sequenceOf(messageId));
  }

  /** Requests so far by action, such as {@code ReceiveMessage}. */
  public Map<String, Long> requests() {
    return loop.call(
        now -> {
          Map<String, Long> counts = new LinkedHashMap<>();
          for (Action action : Action.values()) {
            counts.put(action.label, state.requests(action));
          }
          return counts;
        });
  }

  /** Sets all counts to zero. */
  public void resetCounts() {
    run(now -> state.clearCounts());
  }

  /** Messages of the queue that a receive could have now. */
  public int visible(String queue) {
    return loop.call(now -> state.queue(queue).visible());
  }

  /** Messages of the queue that are in flight or delayed. */
  public int invisible(String queue) {
    return loop.call(now -> state.queue(queue).invisible());
  }

  /** Closes all connections; receives that wait get no answer. */
  @Override
  public void close() {
    loop.close();
  }

  private void run(LongConsumer action) {
    Object done = new Object();
    loop.call(
        now -> {
          action.accept(now);
          return done;
        });
  }

  /**
   * Runs a server until its standard input ends, so that it goes when the process that started it
   * goes. Prints its endpoint as its one line of output; the rest is steered over the paths that
   * {@code WireAdmin} lists.
   *
   * @param args {@code --port N}, {@code --recording}
   */
  public static void main(String[] args) throws IOException {
    WireSqsOptions options = WireSqsOptions.defaults().withRecording(false);
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--port" -> options = options.withPort(Integer.parseInt(args[++i]));
        case "--recording" -> options = options.withRecording(true);
        default -> throw new IllegalArgumentException("unknown argument: " + args[i]);
      }
    }
    try (WireSqs server = start(options)) {
      System.out.println(server.endpoint());
      StandardInput.awaitEnd();
    }
  }
}
