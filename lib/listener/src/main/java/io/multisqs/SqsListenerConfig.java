package io.multisqs;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * One queue to listen to, and how.
 *
 * <p>Immutable and safe for use by many threads. Builders refuse values out of range as they are
 * set; what takes more than one setting, or SQS, to see is refused by {@link Builder#build()} and
 * at the start.
 */
public final class SqsListenerConfig {
  /** The priority of a queue that none is given: 1. */
  public static final int DEFAULT_PRIORITY = 1;

  /** Priorities go from minus to plus this, so that aging can be computed without overflow. */
  public static final int MAX_PRIORITY = 1_000_000;

  /** The bus of a queue that none is given. */
  public static final String DEFAULT_BUS = "default-bus";

  /**
   * The most that SQS gives in one receive, and the default, as each receive costs the same: 10.
   */
  public static final int MAX_MESSAGES_PER_RECEIVE = 10;

  /**
   * Receives under way at once on one deep queue, at most, unless a tenth of the slots is more: at
   * a round trip of 15 ms enough for 13,000 messages a second, which ten slots reach with handlers
   * of less than 1 ms.
   */
  public static final int DEFAULT_MAX_POLLERS = 20;

  /** The most that {@code maxPollers} may be. */
  public static final int MOST_POLLERS = 100;

  private final String queue;
  private final int priority;
  private final String bus;
  private final Polling polling;
  private final @Nullable String region;
  private final @Nullable String ownerAccountId;
  private final int maxMessagesPerReceive;
  private final @Nullable Integer prefetch;
  private final @Nullable Integer maxPollers;
  private final @Nullable Duration visibilityTimeout;
  private final @Nullable Duration handlerTimeout;
  private final RetryPolicy retry;
  private final List<String> messageAttributes;
  private final List<MessageSystemAttributeName> messageSystemAttributes;
  private final @Nullable ToIntFunction<ReceivedMessage> priorityOf;
  private final @Nullable CircuitBreaker circuitBreaker;
  private final Deletes deletes;
  private final boolean extendLeases;
  private final boolean awaitQueue;
  private final @Nullable SqsClient sqsClient;

  private SqsListenerConfig(Builder b) {
    queue = b.queue;
    priority = b.priority;
    bus = b.bus;
    polling = b.polling;
    region = b.region;
    ownerAccountId = b.ownerAccountId;
    maxMessagesPerReceive = b.maxMessagesPerReceive;
    prefetch = b.prefetch;
    maxPollers = b.maxPollers;
    visibilityTimeout = b.visibilityTimeout;
    handlerTimeout = b.handlerTimeout;
    retry = b.retry;
    messageAttributes = b.messageAttributes;
    messageSystemAttributes = b.messageSystemAttributes;
    priorityOf = b.priorityOf;
    circuitBreaker = b.circuitBreaker;
    deletes = b.deletes;
    extendLeases = b.extendLeases;
    awaitQueue = b.awaitQueue;
    sqsClient = b.sqsClient;
  }

  /**
   * A queue with the defaults: priority 1, the default bus, long poll.
   *
   * @param queue its name, URL or ARN
   * @return the configuration
   */
  public static SqsListenerConfig of(String queue) {
    return builder(queue).build();
  }

  /**
   * Starts from the defaults.
   *
   * @param queue its name, URL or ARN
   * @return a builder
   */
  public static Builder builder(String queue) {
    return new Builder(queue);
  }

  /**
   * Starts from this configuration.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    Builder b = new Builder(queue);
    b.priority = priority;
    b.bus = bus;
    b.polling = polling;
    b.region = region;
    b.ownerAccountId = ownerAccountId;
    b.maxMessagesPerReceive = maxMessagesPerReceive;
    b.prefetch = prefetch;
    b.maxPollers = maxPollers;
    b.visibilityTimeout = visibilityTimeout;
    b.handlerTimeout = handlerTimeout;
    b.retry = retry;
    b.messageAttributes = messageAttributes;
    b.messageSystemAttributes = messageSystemAttributes;
    b.priorityOf = priorityOf;
    b.circuitBreaker = circuitBreaker;
    b.deletes = deletes;
    b.extendLeases = extendLeases;
    b.awaitQueue = awaitQueue;
    b.sqsClient = sqsClient;
    return b;
  }

  /**
   * Which queue.
   *
   * @return its name, URL or ARN, as given
   */
  public String queue() {
    return queue;
  }

  /**
   * The priority of its messages.
   *
   * @return higher goes first
   */
  public int priority() {
    return priority;
  }

  /**
   * The bus that it feeds.
   *
   * @return the bus's name
   */
  public String bus() {
    return bus;
  }

  /**
   * How it is asked.
   *
   * @return long or short poll
   */
  public Polling polling() {
    return polling;
  }

  /**
   * Where it is.
   *
   * @return the region, or empty for the one in its URL or ARN, or else the listener's
   */
  public Optional<String> region() {
    return Optional.ofNullable(region);
  }

  /**
   * Whose it is.
   *
   * @return the account, or empty for that of the credentials
   */
  public Optional<String> ownerAccountId() {
    return Optional.ofNullable(ownerAccountId);
  }

  /**
   * How many messages a receive asks for at most.
   *
   * @return 1 … 10
   */
  public int maxMessagesPerReceive() {
    return maxMessagesPerReceive;
  }

  /**
   * How many messages may wait here beyond those that run.
   *
   * @return the number, or empty for one that follows from how fast they are handled
   */
  public OptionalInt prefetch() {
    return prefetch == null ? OptionalInt.empty() : OptionalInt.of(prefetch);
  }

  /**
   * How many receives may be under way at once while the queue is deep.
   *
   * @return the number, or empty for {@link #DEFAULT_MAX_POLLERS}, or a tenth of the slots if that
   *     is more, to {@link #MOST_POLLERS}
   */
  public OptionalInt maxPollers() {
    return maxPollers == null ? OptionalInt.empty() : OptionalInt.of(maxPollers);
  }

  /**
   * For how long a receive hides messages.
   *
   * @return the time, or empty for the queue's own
   */
  public Optional<Duration> visibilityTimeout() {
    return Optional.ofNullable(visibilityTimeout);
  }

  /**
   * After how long a handler is interrupted.
   *
   * @return the limit, or empty for none
   */
  public Optional<Duration> handlerTimeout() {
    return Optional.ofNullable(handlerTimeout);
  }

  /**
   * What becomes of a message whose handler threw.
   *
   * @return the policy
   */
  public RetryPolicy retry() {
    return retry;
  }

  /**
   * Which message attributes are asked for.
   *
   * @return names, {@code prefix.*}, or {@code All}
   */
  public List<String> messageAttributes() {
    return messageAttributes;
  }

  /**
   * Which system attributes are asked for beside those that the listener needs.
   *
   * @return their names
   */
  public List<MessageSystemAttributeName> messageSystemAttributes() {
    return messageSystemAttributes;
  }

  /**
   * What gives single messages a priority of their own.
   *
   * @return the function, or empty
   */
  public Optional<ToIntFunction<ReceivedMessage>> priorityOf() {
    return Optional.ofNullable(priorityOf);
  }

  /**
   * When to stop receiving because handlers fail.
   *
   * @return the breaker, or empty for none
   */
  public Optional<CircuitBreaker> circuitBreaker() {
    return Optional.ofNullable(circuitBreaker);
  }

  /**
   * How handled messages are deleted.
   *
   * @return the setting
   */
  public Deletes deletes() {
    return deletes;
  }

  /**
   * Whether the visibility of what waits and runs is extended.
   *
   * @return true unless switched off
   */
  public boolean extendLeases() {
    return extendLeases;
  }

  /**
   * Whether a start goes on while the queue does not exist yet.
   *
   * @return false unless asked for
   */
  public boolean awaitQueue() {
    return awaitQueue;
  }

  /**
   * This queue's own client, with credentials of its own.
   *
   * @return the client, or empty for the listener's
   */
  public Optional<SqsClient> sqsClient() {
    return Optional.ofNullable(sqsClient);
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof SqsListenerConfig that && settings().equals(that.settings());
  }

  @Override
  public int hashCode() {
    return settings().hashCode();
  }

  private List<@Nullable Object> settings() {
    return Arrays.asList(
        queue,
        priority,
        bus,
        polling,
        region,
        ownerAccountId,
        maxMessagesPerReceive,
        prefetch,
        maxPollers,
        visibilityTimeout,
        handlerTimeout,
        retry,
        messageAttributes,
        messageSystemAttributes,
        priorityOf,
        circuitBreaker,
        deletes,
        extendLeases,
        awaitQueue,
        sqsClient);
  }

  @Override
  public String toString() {
    return "queue " + queue + " (priority " + priority + ", bus " + bus + ")";
  }

  /** Builds a {@link SqsListenerConfig}. Not safe for use by many threads. */
  public static final class Builder {
    private final String queue;
    private int priority = DEFAULT_PRIORITY;
    private String bus = DEFAULT_BUS;
    private Polling polling = Polling.DEFAULT;
    private @Nullable String region;
    private @Nullable String ownerAccountId;
    private int maxMessagesPerReceive = MAX_MESSAGES_PER_RECEIVE;
    private @Nullable Integer prefetch;
    private @Nullable Integer maxPollers;
    private @Nullable Duration visibilityTimeout;
    private @Nullable Duration handlerTimeout;
    private RetryPolicy retry = RetryPolicy.DEFAULT;
    private List<String> messageAttributes = List.of("All");
    private List<MessageSystemAttributeName> messageSystemAttributes =
        List.of(MessageSystemAttributeName.AWS_TRACE_HEADER);
    private @Nullable ToIntFunction<ReceivedMessage> priorityOf;
    private @Nullable CircuitBreaker circuitBreaker;
    private Deletes deletes = Deletes.DEFAULT;
    private boolean extendLeases = true;
    private boolean awaitQueue;
    private @Nullable SqsClient sqsClient;

    private Builder(String queue) {
      this.queue = QueueAddress.parse(queue).asGiven();
    }

    /**
     * The priority of the queue's messages. Default 1.
     *
     * @param priority −1,000,000 … 1,000,000, higher goes first
     * @return this builder
     */
    public Builder priority(int priority) {
      this.priority = Check.between("priority", priority, -MAX_PRIORITY, MAX_PRIORITY);
      return this;
    }

    /**
     * The bus that the queue feeds. Default {@code default-bus}.
     *
     * @param bus a name; several queues may share one
     * @return this builder
     */
    public Builder bus(String bus) {
      this.bus = Check.notBlank("bus", bus);
      return this;
    }

    /**
     * How the queue is asked. Default a long poll of 20 s.
     *
     * @param polling long or short poll
     * @return this builder
     */
    public Builder polling(Polling polling) {
      this.polling = Objects.requireNonNull(polling, "polling");
      return this;
    }

    /**
     * The region. Default the one in the URL or ARN, else the listener's.
     *
     * @param region such as {@code eu-west-1}
     * @return this builder
     */
    public Builder region(String region) {
      this.region = Check.notBlank("region", region);
      return this;
    }

    /**
     * The account that owns the queue, where the queue is given by name. Default that of the
     * credentials.
     *
     * @param ownerAccountId twelve digits
     * @return this builder
     */
    public Builder ownerAccountId(String ownerAccountId) {
      if (!ownerAccountId.matches("\\d{12}")) {
        throw Check.refused("ownerAccountId", "must be twelve digits", ownerAccountId);
      }
      this.ownerAccountId = ownerAccountId;
      return this;
    }

    /**
     * How many messages a receive asks for at most. Default 10, as each receive costs the same.
     *
     * @param messages 1 … 10
     * @return this builder
     */
    public Builder maxMessagesPerReceive(int messages) {
      this.maxMessagesPerReceive =
          Check.between("maxMessagesPerReceive", messages, 1, MAX_MESSAGES_PER_RECEIVE);
      return this;
    }

    /**
     * How many messages may wait here beyond those that run. By default this follows from how fast
     * they are handled: what would not start within about a second stays in SQS, and never so few
     * that a slot waits for a receive.
     *
     * @param messages 1 … 1000
     * @return this builder
     */
    public Builder prefetch(int messages) {
      this.prefetch = Check.between("prefetch", messages, 1, 1000);
      return this;
    }

    /**
     * How many receives may be under way at once while answers come back full. Default 20, or a
     * tenth of {@code concurrency} if that is more. While messages trickle in, as many as cover
     * those that come during a round trip; on an empty queue one stands. Above 32, as many calls of
     * deletes may be under way, over all queues.
     *
     * @param pollers 1 … 100
     * @return this builder
     */
    public Builder maxPollers(int pollers) {
      this.maxPollers = Check.between("maxPollers", pollers, 1, MOST_POLLERS);
      return this;
    }

    /**
     * For how long a receive hides messages; extended while they wait or run. Default the queue's
     * own setting.
     *
     * @param timeout 1 s … 12 h in whole seconds
     * @return this builder
     */
    public Builder visibilityTimeout(Duration timeout) {
      Check.between("visibilityTimeout", timeout, Duration.ofSeconds(1), RetryPolicy.MAX_DELAY);
      Check.wholeSeconds("visibilityTimeout", timeout);
      this.visibilityTimeout = timeout;
      return this;
    }

    /**
     * After how long a handler is interrupted, and its message retried. Default never.
     *
     * @param limit 1 ms … 12 h
     * @return this builder
     */
    public Builder handlerTimeout(Duration limit) {
      this.handlerTimeout =
          Check.between("handlerTimeout", limit, Duration.ofMillis(1), RetryPolicy.MAX_DELAY);
      return this;
    }

    /**
     * What becomes of a message whose handler threw. Default exponential backoff from 2 s to 5 min.
     *
     * @param retry the policy
     * @return this builder
     */
    public Builder retry(RetryPolicy retry) {
      this.retry = Objects.requireNonNull(retry, "retry");
      return this;
    }

    /**
     * Which message attributes to ask for. Default all.
     *
     * @param names names, {@code prefix.*}, {@code All}, or none at all
     * @return this builder
     */
    public Builder messageAttributes(String... names) {
      for (String name : names) {
        Check.notBlank("message attribute name", name);
      }
      this.messageAttributes = List.copyOf(Set.copyOf(Arrays.asList(names)));
      return this;
    }

    /**
     * Which system attributes to ask for beside those that the listener needs (sent timestamp,
     * receive count, group, and on FIFO queues sequence number and deduplication id). Default
     * {@code AWSTraceHeader}, which costs nothing where there is none and which {@link
     * RetryPolicy#deadLetter()} hands on; without it a dead letter has lost its trace.
     *
     * @param names such as {@code SENDER_ID}, {@code ALL}, or none at all
     * @return this builder
     */
    public Builder messageSystemAttributes(MessageSystemAttributeName... names) {
      this.messageSystemAttributes = List.copyOf(Set.copyOf(Arrays.asList(names)));
      return this;
    }

    /**
     * Gives single messages a priority of their own. Called once for each message as it arrives, on
     * a poller's thread. What it throws is logged, and the message has the queue's priority.
     *
     * @param priorityOf the message's priority, limited to ±1,000,000
     * @return this builder
     */
    public Builder priorityOf(ToIntFunction<ReceivedMessage> priorityOf) {
      this.priorityOf = Objects.requireNonNull(priorityOf, "priorityOf");
      return this;
    }

    /**
     * Stops receiving while the handler keeps failing. Default never.
     *
     * @param breaker when, and for how long
     * @return this builder
     */
    public Builder circuitBreaker(CircuitBreaker breaker) {
      this.circuitBreaker = Objects.requireNonNull(breaker, "circuitBreaker");
      return this;
    }

    /**
     * How handled messages are deleted. Default in batches of ten within 100 ms.
     *
     * @param deletes batched or immediate
     * @return this builder
     */
    public Builder deletes(Deletes deletes) {
      this.deletes = Objects.requireNonNull(deletes, "deletes");
      return this;
    }

    /**
     * Whether the visibility of what waits, runs, or awaits its delete is extended. Default true.
     * Without it a message whose visibility timeout may have run out is still never started, but a
     * handler that outlasts it runs beside another's.
     *
     * @param extend false to switch it off
     * @return this builder
     */
    public Builder extendLeases(boolean extend) {
      this.extendLeases = extend;
      return this;
    }

    /**
     * Whether the start goes on while this queue does not exist, and looks for it again and again.
     * Default false: a missing queue refuses the start.
     *
     * @param await true to wait for it
     * @return this builder
     */
    public Builder awaitQueue(boolean await) {
      this.awaitQueue = await;
      return this;
    }

    /**
     * A client of this queue's own, where it takes other credentials than the listener's. The
     * listener does not close it. Default the listener's client of its region.
     *
     * @param client the client
     * @return this builder
     */
    public Builder sqsClient(SqsClient client) {
      this.sqsClient = Objects.requireNonNull(client, "sqsClient");
      return this;
    }

    /**
     * The configuration.
     *
     * @return immutable
     * @throws IllegalArgumentException if settings contradict each other
     */
    public SqsListenerConfig build() {
      QueueAddress address = QueueAddress.parse(queue);
      String itsRegion = address.region().orElse(null);
      if (region != null && itsRegion != null && !region.equals(itsRegion)) {
        throw Check.refused("region", "must be that of the queue, " + itsRegion, region);
      }
      String itsOwner = address.ownerAccountId().orElse(null);
      if (ownerAccountId != null && itsOwner != null && !ownerAccountId.equals(itsOwner)) {
        throw Check.refused(
            "ownerAccountId", "must be that of the queue, " + itsOwner, ownerAccountId);
      }
      return new SqsListenerConfig(this);
    }
  }
}
