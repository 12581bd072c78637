package io.multisqs;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The settings of a whole listener.
 *
 * <p>Immutable and safe for use by many threads. What contradicts the queues is refused when the
 * listener is built.
 */
public final class ListenerOptions {
  /** One message at a time, on the thread that called {@code listen()}. */
  public static final int DEFAULT_CONCURRENCY = 1;

  /** How long lower work waits for a higher queue's answer while no round trip is known: 100 ms. */
  public static final Duration FIRST_HOLD = Duration.ofMillis(100);

  /** The longest that it waits by default, however long round trips take: 500 ms. */
  public static final Duration MAX_ADAPTIVE_HOLD = Duration.ofMillis(500);

  /**
   * The largest share of slot time that stands idle because lower work waits for higher queues: 5
   * %, over each second and over any longer time, whatever the traffic. Not counted is the wait for
   * a queue's first answer after the start. Where one receive takes longer than this share of a
   * second, as with one slot and round trips of over 50 ms, a wait for messages that are known to
   * be on the server goes on until their answer, and is made up for before the next.
   */
  public static final double MAX_HELD_SLOT_SHARE = 0.05;

  /** Longer than the longest long poll, so that a default stop abandons no receive: 30 s. */
  public static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(30);

  /** How long a start may take, with every try of every call: 30 s. */
  public static final Duration DEFAULT_START_TIMEOUT = Duration.ofSeconds(30);

  private final int concurrency;
  private final boolean virtualThreads;
  private final Map<String, BusOptions> busOptions;
  private final PriorityPolicy priorityPolicy;
  private final @Nullable Duration priorityHold;
  private final @Nullable Function<String, SqsClient> sqsClients;
  private final @Nullable URI endpointOverride;
  private final @Nullable String region;
  private final ListenerEvents events;
  private final List<MessageInterceptor> interceptors;
  private final Duration startTimeout;
  private final Duration stopTimeout;
  private final boolean stopOnShutdown;
  private final @Nullable Long bufferBytes;
  private final ListenerClock clock;

  private ListenerOptions(Builder b) {
    concurrency = b.concurrency;
    virtualThreads = b.virtualThreads;
    busOptions = Map.copyOf(b.busOptions);
    priorityPolicy = b.priorityPolicy;
    priorityHold = b.priorityHold;
    sqsClients = b.sqsClients;
    endpointOverride = b.endpointOverride;
    region = b.region;
    events = b.events;
    interceptors = List.copyOf(b.interceptors);
    startTimeout = b.startTimeout;
    stopTimeout = b.stopTimeout;
    stopOnShutdown = b.stopOnShutdown;
    bufferBytes = b.bufferBytes;
    clock = b.clock;
  }

  /**
   * Every default.
   *
   * @return the options
   */
  public static ListenerOptions defaults() {
    return builder().build();
  }

  /**
   * Starts from the defaults.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Starts from these options.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    Builder b = new Builder();
    b.concurrency = concurrency;
    b.virtualThreads = virtualThreads;
    b.busOptions.putAll(busOptions);
    b.priorityPolicy = priorityPolicy;
    b.priorityHold = priorityHold;
    b.sqsClients = sqsClients;
    b.endpointOverride = endpointOverride;
    b.region = region;
    b.events = events;
    b.interceptors.addAll(interceptors);
    b.startTimeout = startTimeout;
    b.stopTimeout = stopTimeout;
    b.stopOnShutdown = stopOnShutdown;
    b.bufferBytes = bufferBytes;
    b.clock = clock;
    return b;
  }

  /**
   * How many handlers run at once.
   *
   * @return slots, 1 or more
   */
  public int concurrency() {
    return concurrency;
  }

  /**
   * Whether handlers and pollers run on virtual threads.
   *
   * @return false unless asked for
   */
  public boolean virtualThreads() {
    return virtualThreads;
  }

  /**
   * Reserved slots and caps.
   *
   * @return by bus
   */
  public Map<String, BusOptions> busOptions() {
    return busOptions;
  }

  /**
   * In which order messages start.
   *
   * @return the policy
   */
  public PriorityPolicy priorityPolicy() {
    return priorityPolicy;
  }

  /**
   * How long lower work waits for the answer of a higher queue.
   *
   * @return the time, or empty if it follows from the receive times seen
   */
  public Optional<Duration> priorityHold() {
    return Optional.ofNullable(priorityHold);
  }

  /**
   * The user's own clients.
   *
   * @return a client for each region, or empty if the listener makes its own
   */
  public Optional<Function<String, SqsClient>> sqsClients() {
    return Optional.ofNullable(sqsClients);
  }

  /**
   * Where the listener's own clients connect to.
   *
   * @return the endpoint, or empty for that of the region
   */
  public Optional<URI> endpointOverride() {
    return Optional.ofNullable(endpointOverride);
  }

  /**
   * The region of queues that name none.
   *
   * @return the region, or empty for the one that the SDK finds in the environment
   */
  public Optional<String> region() {
    return Optional.ofNullable(region);
  }

  /**
   * What hears of everything that happens.
   *
   * @return the callbacks
   */
  public ListenerEvents events() {
    return events;
  }

  /**
   * What stands around each handler call.
   *
   * @return the outermost first
   */
  public List<MessageInterceptor> interceptors() {
    return interceptors;
  }

  /**
   * How long the start may look for all queues.
   *
   * @return the time
   */
  public Duration startTimeout() {
    return startTimeout;
  }

  /**
   * How long {@code close()}, an interrupt or a SIGTERM gives a stop.
   *
   * @return the time
   */
  public Duration stopTimeout() {
    return stopTimeout;
  }

  /**
   * Whether a JVM that shuts down stops the listener first.
   *
   * @return false unless asked for
   */
  public boolean stopOnShutdown() {
    return stopOnShutdown;
  }

  /**
   * How many bytes of messages may wait in this process.
   *
   * @return bytes, or empty for an eighth of the largest heap
   */
  public OptionalLong bufferBytes() {
    return bufferBytes == null ? OptionalLong.empty() : OptionalLong.of(bufferBytes);
  }

  /**
   * Where time comes from.
   *
   * @return the clock
   */
  public ListenerClock clock() {
    return clock;
  }

  /** Builds {@link ListenerOptions}. Not safe for use by many threads. */
  public static final class Builder {
    private int concurrency = DEFAULT_CONCURRENCY;
    private boolean virtualThreads;
    private final Map<String, BusOptions> busOptions = new LinkedHashMap<>();
    private PriorityPolicy priorityPolicy = PriorityPolicy.strict();
    private @Nullable Duration priorityHold;
    private @Nullable Function<String, SqsClient> sqsClients;
    private @Nullable URI endpointOverride;
    private @Nullable String region;
    private ListenerEvents events = ListenerEvents.NONE;
    private final List<MessageInterceptor> interceptors = new ArrayList<>();
    private Duration startTimeout = DEFAULT_START_TIMEOUT;
    private Duration stopTimeout = DEFAULT_STOP_TIMEOUT;
    private boolean stopOnShutdown;
    private @Nullable Long bufferBytes;
    private ListenerClock clock = ListenerClock.SYSTEM;

    private Builder() {}

    /**
     * How many handlers run at once. Default 1, on the thread that called {@code listen()}.
     *
     * @param slots 1 … 10,000
     * @return this builder
     */
    public Builder concurrency(int slots) {
      this.concurrency = Check.between("concurrency", slots, 1, 10_000);
      return this;
    }

    /**
     * Whether handlers and pollers run on virtual threads. Default false. With a concurrency of 1
     * the handler still runs on the thread that called {@code listen()}.
     *
     * @param virtual true needs a JDK of 21 or later
     * @return this builder
     * @throws IllegalArgumentException if this JDK has none
     */
    public Builder virtualThreads(boolean virtual) {
      if (virtual && Runtime.version().feature() < 21) {
        throw Check.refused(
            "virtualThreads",
            "needs JDK 21 or later",
            "true on JDK " + Runtime.version().feature());
      }
      this.virtualThreads = virtual;
      return this;
    }

    /**
     * Reserves slots for a bus and limits it. Default none reserved, no cap.
     *
     * @param bus a bus that some queue feeds
     * @param reserved slots that only this bus takes, or higher work: 0 … {@code concurrency}
     * @param cap the most slots that it takes at once, 1 or more
     * @return this builder
     */
    public Builder busOptions(String bus, int reserved, int cap) {
      busOptions.put(Check.notBlank("bus", bus), new BusOptions(reserved, cap));
      return this;
    }

    /**
     * In which order messages start. Default strict.
     *
     * @param policy strict, with aging, or weighted
     * @return this builder
     */
    public Builder priorityPolicy(PriorityPolicy policy) {
      this.priorityPolicy = Objects.requireNonNull(policy, "priorityPolicy");
      return this;
    }

    /**
     * How long lower work waits while a higher queue may be about to answer. By default this
     * follows from the round trips seen, 100 ms before the first, and is at most 500 ms.
     *
     * @param hold 0 ms … 10 s; 0 switches it off, and lower work then slips in between receives
     * @return this builder
     */
    public Builder priorityHold(Duration hold) {
      this.priorityHold =
          Check.between("priorityHold", hold, Duration.ZERO, Duration.ofSeconds(10));
      return this;
    }

    /**
     * One client of the user's own for all queues. The listener does not close it. The last of this
     * and {@link #sqsClients} counts.
     *
     * <p>Every call of the listener has a time limit, which the client's {@code
     * scheduledExecutorService} watches. The SDK's default remembers each until it would have been
     * over, 10 to 30 s later: at a thousand calls a second, give the client a {@link
     * java.util.concurrent.ScheduledThreadPoolExecutor} of daemon threads with {@code
     * setRemoveOnCancelPolicy(true)}, as the listener's own clients have.
     *
     * @param client with room for as many connections as the listener needs, which it says at the
     *     start, and with a socket time-out longer than the longest poll, 30 s or more (the
     *     listener sets time-outs of calls and attempts itself)
     * @return this builder
     */
    public Builder sqsClient(SqsClient client) {
      Objects.requireNonNull(client, "sqsClient");
      return sqsClients(anyRegion -> client);
    }

    /**
     * A client of the user's own for each region. The listener does not close them.
     *
     * @param clients from a region to its client; asked once for each region, one call at a time,
     *     on a thread of the listener's
     * @return this builder
     */
    public Builder sqsClients(Function<String, SqsClient> clients) {
      this.sqsClients = Objects.requireNonNull(clients, "sqsClients");
      return this;
    }

    /**
     * Where the listener's own clients connect to, for a server that is not AWS. Default AWS.
     *
     * @param endpoint such as {@code http://127.0.0.1:9324}
     * @return this builder
     */
    public Builder endpointOverride(URI endpoint) {
      if (endpoint.getScheme() == null || endpoint.getHost() == null) {
        throw Check.refused("endpointOverride", "must be a URL with a host", endpoint.toString());
      }
      this.endpointOverride = endpoint;
      return this;
    }

    /**
     * The region of queues that name none. Default the one that the SDK finds in the environment.
     *
     * @param region such as {@code eu-west-1}
     * @return this builder
     */
    public Builder region(String region) {
      this.region = Check.notBlank("region", region);
      return this;
    }

    /**
     * What hears of everything that happens. Default nothing.
     *
     * @param events the callbacks
     * @return this builder
     */
    public Builder events(ListenerEvents events) {
      this.events = Objects.requireNonNull(events, "events");
      return this;
    }

    /**
     * Adds something that stands around each handler call, inside those added before.
     *
     * @param interceptor what is called instead of the handler
     * @return this builder
     */
    public Builder interceptor(MessageInterceptor interceptor) {
      interceptors.add(Objects.requireNonNull(interceptor, "interceptor"));
      return this;
    }

    /**
     * How long the start may take. It looks all queues up side by side, and tries again, with
     * backoff, what may pass: a throttle, an error of SQS's own, a call without an answer. A queue
     * that was not found when the time is over refuses the start. Default 30 s.
     *
     * @param timeout 1 ms … 1 h
     * @return this builder
     */
    public Builder startTimeout(Duration timeout) {
      this.startTimeout =
          Check.between("startTimeout", timeout, Duration.ofMillis(1), Duration.ofHours(1));
      return this;
    }

    /**
     * How long {@code close()}, an interrupt or a SIGTERM gives a stop. Default 30 s.
     *
     * @param timeout 0 s … 12 h
     * @return this builder
     */
    public Builder stopTimeout(Duration timeout) {
      this.stopTimeout =
          Check.between("stopTimeout", timeout, Duration.ZERO, RetryPolicy.MAX_DELAY);
      return this;
    }

    /**
     * Whether a JVM that shuts down, by SIGTERM for instance, stops the listener first. Default
     * false, as a JVM may have an order of its own.
     *
     * @param stop true to register a shutdown hook at the start
     * @return this builder
     */
    public Builder stopOnShutdown(boolean stop) {
      this.stopOnShutdown = stop;
      return this;
    }

    /**
     * How many bytes of messages may wait in this process, over all queues. Default an eighth of
     * the largest heap. A queue may always have one message, and receives that stand on idle queues
     * may reserve half as much beside it.
     *
     * @param bytes 1 MiB or more
     * @return this builder
     */
    public Builder bufferBytes(long bytes) {
      if (bytes < 1 << 20) {
        throw Check.refused(
            "bufferBytes", "must be 1 MiB (1048576) or more, the size of one message", "" + bytes);
      }
      this.bufferBytes = bytes;
      return this;
    }

    /**
     * Where time comes from. Default the machine's clock.
     *
     * @param clock one that a test moves, for instance
     * @return this builder
     */
    public Builder clock(ListenerClock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * The options.
     *
     * @return immutable
     * @throws IllegalArgumentException if settings contradict each other
     */
    public ListenerOptions build() {
      if (sqsClients != null && endpointOverride != null) {
        throw Check.refused(
            "endpointOverride",
            "must be set on your own client where you bring one",
            endpointOverride.toString());
      }
      long reserved = busOptions.values().stream().mapToLong(BusOptions::reserved).sum();
      if (reserved > concurrency) {
        throw Check.refused(
            "reserved slots",
            "must not add up to more than the concurrency of " + concurrency,
            reserved + " over " + busOptions.keySet());
      }
      return new ListenerOptions(this);
    }
  }
}
