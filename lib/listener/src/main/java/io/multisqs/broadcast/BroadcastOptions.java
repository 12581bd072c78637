package io.multisqs.broadcast;

import io.multisqs.ListenerClock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * The settings of an instance's broadcast queue.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class BroadcastOptions {
  /** The bus of a broadcast queue that none is given. */
  public static final String DEFAULT_BUS = "broadcast-bus";

  /** The priority of broadcasts: 10, above that of a work queue that none is given, 1. */
  public static final int DEFAULT_PRIORITY = 10;

  /** How long messages are kept: 1 h, as an order to a pool is stale by then. */
  public static final Duration DEFAULT_RETENTION = Duration.ofHours(1);

  /** For how long a receive hides a message: 30 s, as SQS's own default. */
  public static final Duration DEFAULT_VISIBILITY_TIMEOUT = Duration.ofSeconds(30);

  /** For how long a lease lasts: 10 min, so that it outlives an outage of a few renewals. */
  public static final Duration DEFAULT_LEASE = Duration.ofMinutes(10);

  /** How long a new queue is left alone: 1 s, as SQS asks for. */
  public static final Duration DEFAULT_SETTLE_AFTER_CREATE = Duration.ofSeconds(1);

  /** How long a changed policy is waited for: 60 s, the longest that SQS says it may take. */
  public static final Duration DEFAULT_SETTLE_AFTER_POLICY_CHANGE = Duration.ofSeconds(60);

  /** How long an empty queue is watched before it counts as worked off: 3 s, as counts lag. */
  public static final Duration DEFAULT_EMPTY_FOR = Duration.ofSeconds(3);

  private final String prefix;
  private final String instance;
  private final @Nullable SqsClient sqsClient;
  private final @Nullable SnsClient snsClient;
  private final Duration retention;
  private final Duration visibilityTimeout;
  private final Map<String, String> tags;
  private final boolean rawDelivery;
  private final @Nullable String filterPolicy;
  private final @Nullable String kmsKeyId;
  private final String bus;
  private final int priority;
  private final Duration lease;
  private final Duration renewEvery;
  private final Duration settleAfterCreate;
  private final Duration settleAfterPolicyChange;
  private final Duration emptyFor;
  private final ListenerClock clock;

  private BroadcastOptions(Builder b, String instance, Duration renewEvery) {
    this.prefix = b.prefix;
    this.instance = instance;
    this.sqsClient = b.sqsClient;
    this.snsClient = b.snsClient;
    this.retention = b.retention;
    this.visibilityTimeout = b.visibilityTimeout;
    this.tags = b.tags;
    this.rawDelivery = b.rawDelivery;
    this.filterPolicy = b.filterPolicy;
    this.kmsKeyId = b.kmsKeyId;
    this.bus = b.bus;
    this.priority = b.priority;
    this.lease = b.lease;
    this.renewEvery = renewEvery;
    this.settleAfterCreate = b.settleAfterCreate;
    this.settleAfterPolicyChange = b.settleAfterPolicyChange;
    this.emptyFor = b.emptyFor;
    this.clock = b.clock;
  }

  /**
   * Starts from the defaults.
   *
   * @param prefix what the names of all queues of this pool start with, and what a sweep looks for:
   *     1 … 40 letters, digits, {@code -} and {@code _}
   * @return a builder
   * @throws IllegalArgumentException if no queue's name could start so
   */
  public static Builder builder(String prefix) {
    return new Builder(prefix);
  }

  /**
   * Starts from these options, the instance name included.
   *
   * @return a builder
   */
  public Builder toBuilder() {
    Builder b = new Builder(prefix);
    b.instance = instance;
    b.sqsClient = sqsClient;
    b.snsClient = snsClient;
    b.retention = retention;
    b.visibilityTimeout = visibilityTimeout;
    b.tags = tags;
    b.rawDelivery = rawDelivery;
    b.filterPolicy = filterPolicy;
    b.kmsKeyId = kmsKeyId;
    b.bus = bus;
    b.priority = priority;
    b.lease = lease;
    b.renewEvery = renewEvery;
    b.settleAfterCreate = settleAfterCreate;
    b.settleAfterPolicyChange = settleAfterPolicyChange;
    b.emptyFor = emptyFor;
    b.clock = clock;
    return b;
  }

  /**
   * What the queue's name starts with.
   *
   * @return the prefix
   */
  public String prefix() {
    return prefix;
  }

  /**
   * Whose queue it is.
   *
   * @return the instance name, with which the queue's name goes on after a dash
   */
  public String instance() {
    return instance;
  }

  /**
   * The client for the queue.
   *
   * @return the user's own, or empty for one in the topic's region
   */
  public Optional<SqsClient> sqsClient() {
    return Optional.ofNullable(sqsClient);
  }

  /**
   * The client for the topic.
   *
   * @return the user's own, or empty for one in the topic's region
   */
  public Optional<SnsClient> snsClient() {
    return Optional.ofNullable(snsClient);
  }

  /**
   * How long messages are kept.
   *
   * @return whole seconds
   */
  public Duration retention() {
    return retention;
  }

  /**
   * For how long a receive hides a message.
   *
   * @return whole seconds
   */
  public Duration visibilityTimeout() {
    return visibilityTimeout;
  }

  /**
   * The user's own tags for the queue.
   *
   * @return by key
   */
  public Map<String, String> tags() {
    return tags;
  }

  /**
   * Whether messages arrive as they were published.
   *
   * @return false if SNS wraps them in its JSON
   */
  public boolean rawDelivery() {
    return rawDelivery;
  }

  /**
   * Which messages are wanted.
   *
   * @return an SNS filter policy by message attributes, or empty for all
   */
  public Optional<String> filterPolicy() {
    return Optional.ofNullable(filterPolicy);
  }

  /**
   * What the queue is encrypted with.
   *
   * @return a KMS key, or empty for what SQS does by itself
   */
  public Optional<String> kmsKeyId() {
    return Optional.ofNullable(kmsKeyId);
  }

  /**
   * The bus that the queue feeds.
   *
   * @return the bus's name
   */
  public String bus() {
    return bus;
  }

  /**
   * The priority of broadcasts.
   *
   * @return higher goes first
   */
  public int priority() {
    return priority;
  }

  /**
   * How long the queue counts as in use after the last sign of life.
   *
   * @return the lease's length
   */
  public Duration lease() {
    return lease;
  }

  /**
   * How often the lease is renewed.
   *
   * @return the interval
   */
  public Duration renewEvery() {
    return renewEvery;
  }

  /**
   * How long a new queue is left alone before it is used.
   *
   * @return the time
   */
  public Duration settleAfterCreate() {
    return settleAfterCreate;
  }

  /**
   * How long {@code subscribe} waits when it had to change the policy of a queue that it took over.
   *
   * @return the time
   */
  public Duration settleAfterPolicyChange() {
    return settleAfterPolicyChange;
  }

  /**
   * For how long a stop has to find the queue empty before it takes it for worked off.
   *
   * @return the time
   */
  public Duration emptyFor() {
    return emptyFor;
  }

  /**
   * Where time comes from.
   *
   * @return the clock
   */
  public ListenerClock clock() {
    return clock;
  }

  /** Builds {@link BroadcastOptions}. Not safe for use by many threads. */
  public static final class Builder {
    private final String prefix;
    private @Nullable String instance;
    private @Nullable SqsClient sqsClient;
    private @Nullable SnsClient snsClient;
    private Duration retention = DEFAULT_RETENTION;
    private Duration visibilityTimeout = DEFAULT_VISIBILITY_TIMEOUT;
    private Map<String, String> tags = Map.of();
    private boolean rawDelivery = true;
    private @Nullable String filterPolicy;
    private @Nullable String kmsKeyId;
    private String bus = DEFAULT_BUS;
    private int priority = DEFAULT_PRIORITY;
    private Duration lease = DEFAULT_LEASE;
    private @Nullable Duration renewEvery;
    private Duration settleAfterCreate = DEFAULT_SETTLE_AFTER_CREATE;
    private Duration settleAfterPolicyChange = DEFAULT_SETTLE_AFTER_POLICY_CHANGE;
    private Duration emptyFor = DEFAULT_EMPTY_FOR;
    private ListenerClock clock = ListenerClock.SYSTEM;

    private Builder(String prefix) {
      this.prefix =
          Rules.matching(
              "prefix", prefix, "[A-Za-z0-9_-]{1,40}", "must be 1…40 letters, digits, - or _");
    }

    /**
     * A stable name for this instance, such as its EC2 instance id: a restarted instance takes its
     * queue over, with what was published meanwhile. Two instances that live at the same time must
     * not have the same. Default a random name.
     *
     * @param name letters, digits, {@code -} and {@code _}; with the prefix 74 at most
     * @return this builder
     */
    public Builder instance(String name) {
      this.instance =
          Rules.matching(
              "instance",
              name,
              "[A-Za-z0-9_-]{1," + InstanceName.roomBeside(prefix) + "}",
              "must be 1…" + InstanceName.roomBeside(prefix) + " letters, digits, - or _");
      return this;
    }

    /**
     * Takes the machine's host name as the instance's, for machines that run one instance each.
     * What a queue's name may not have is replaced, and then a hash of the whole is added.
     *
     * @return this builder
     * @throws IllegalStateException if the host name cannot be found
     */
    public Builder instanceFromHostName() {
      this.instance = InstanceName.ofHost(prefix);
      return this;
    }

    /**
     * A client of the user's own for the queue, in the region where the queue is to be. It is not
     * closed here. Default one in the topic's region.
     *
     * @param client the client
     * @return this builder
     */
    public Builder sqsClient(SqsClient client) {
      this.sqsClient = Objects.requireNonNull(client, "sqsClient");
      return this;
    }

    /**
     * A client of the user's own for the topic, in the topic's region. It is not closed here.
     * Default one made for it.
     *
     * @param client the client
     * @return this builder
     */
    public Builder snsClient(SnsClient client) {
      this.snsClient = Objects.requireNonNull(client, "snsClient");
      return this;
    }

    /**
     * How long messages are kept. Default 1 h.
     *
     * @param time whole seconds, 60 s … 14 days
     * @return this builder
     */
    public Builder retention(Duration time) {
      this.retention =
          Rules.wholeSeconds("retention", time, Duration.ofSeconds(60), Duration.ofDays(14));
      return this;
    }

    /**
     * For how long a receive hides a message. Default 30 s.
     *
     * @param time whole seconds, 1 s … 12 h
     * @return this builder
     */
    public Builder visibilityTimeout(Duration time) {
      this.visibilityTimeout =
          Rules.wholeSeconds(
              "visibilityTimeout", time, Duration.ofSeconds(1), Duration.ofHours(12));
      return this;
    }

    /**
     * Tags for the queue, beside those of this library. Default none.
     *
     * @param tags 40 at most; no key may start with {@code multisqs:}
     * @return this builder
     */
    public Builder tags(Map<String, String> tags) {
      for (String key : tags.keySet()) {
        if (key.startsWith(OwnerTags.NAMESPACE)) {
          throw Rules.refused("tags", "must not start with " + OwnerTags.NAMESPACE, key);
        }
      }
      if (tags.size() > 40) {
        throw Rules.refused("tags", "must be 40 at most", String.valueOf(tags.size()));
      }
      this.tags = Map.copyOf(tags);
      return this;
    }

    /**
     * Whether messages arrive as they were published, with their message attributes. Default true;
     * otherwise the body is SNS's JSON with the message in it.
     *
     * @param raw false for SNS's JSON
     * @return this builder
     */
    public Builder rawDelivery(boolean raw) {
      this.rawDelivery = raw;
      return this;
    }

    /**
     * Which messages are wanted. Default all. AWS says that a changed policy may take 15 minutes to
     * be in effect.
     *
     * @param json an SNS filter policy by message attributes, such as {@code {"kind": ["reload"]}}
     * @return this builder
     */
    public Builder filterPolicy(String json) {
      try {
        if (JsonNode.parser().parse(json).isObject()) {
          this.filterPolicy = json;
          return this;
        }
      } catch (RuntimeException e) {
        throw Rules.refused("filterPolicy", "must be a JSON object", '"' + json + '"', e);
      }
      throw Rules.refused("filterPolicy", "must be a JSON object", '"' + json + '"');
    }

    /**
     * A KMS key of the user's own to encrypt the queue with. Default none: SQS encrypts with keys
     * of its own. The key's policy must let SNS use it (see BROADCAST.md), for which AWS's own
     * {@code alias/aws/sqs} cannot be changed.
     *
     * @param key its id, ARN or alias
     * @return this builder
     */
    public Builder kmsKeyId(String key) {
      if (key.endsWith("alias/aws/sqs")) {
        throw Rules.refused(
            "kmsKeyId", "must be a key of your own, as SNS may not use AWS's for SQS", key);
      }
      this.kmsKeyId = Rules.matching("kmsKeyId", key, ".*\\S.*", "must not be blank");
      return this;
    }

    /**
     * The bus that the queue feeds. Default {@value #DEFAULT_BUS}. Give it a reserved slot in the
     * listener's options, and broadcasts are handled while long jobs hold all others.
     *
     * @param bus the bus's name
     * @return this builder
     */
    public Builder bus(String bus) {
      this.bus = Rules.matching("bus", bus, ".*\\S.*", "must not be blank");
      return this;
    }

    /**
     * The priority of broadcasts. Default 10.
     *
     * @param priority −1,000,000 … 1,000,000, higher goes first
     * @return this builder
     */
    public Builder priority(int priority) {
      if (Math.abs((long) priority) > 1_000_000) {
        throw Rules.refused("priority", "must be -1000000…1000000", String.valueOf(priority));
      }
      this.priority = priority;
      return this;
    }

    /**
     * How long the queue counts as in use after the last sign of life. Default 10 min. A shorter
     * one lets a sweep remove the queues of the dead earlier, a longer one outlives longer outages.
     *
     * @param length 1 s … 1 day, and more than {@link #settle} and {@link #renewEvery} together
     * @return this builder
     */
    public Builder lease(Duration length) {
      this.lease = Rules.between("lease", length, Duration.ofSeconds(1), Duration.ofDays(1));
      return this;
    }

    /**
     * How often the lease is renewed. Default a fifth of the lease.
     *
     * @param interval 100 ms … half the lease
     * @return this builder
     */
    public Builder renewEvery(Duration interval) {
      this.renewEvery =
          Rules.between("renewEvery", interval, Duration.ofMillis(100), Duration.ofHours(12));
      return this;
    }

    /**
     * How long to wait for SQS to know everywhere what was changed. Defaults 1 s and 60 s, as AWS
     * documents them; a local server needs none.
     *
     * @param afterCreate before a new queue is used, 0 s … 60 s
     * @param afterPolicyChange before {@code subscribe} returns, where it took a queue over and had
     *     to change its policy, 0 s … 10 min
     * @return this builder
     */
    public Builder settle(Duration afterCreate, Duration afterPolicyChange) {
      this.settleAfterCreate =
          Rules.between("settle afterCreate", afterCreate, Duration.ZERO, Duration.ofSeconds(60));
      this.settleAfterPolicyChange =
          Rules.between(
              "settle afterPolicyChange", afterPolicyChange, Duration.ZERO, Duration.ofMinutes(10));
      return this;
    }

    /**
     * For how long a stop has to find the queue empty before it takes it for worked off. Default 3
     * s. SQS's counts are approximate, and AWS says they may take a minute to be right: longer is
     * surer; a local server, whose counts are exact, needs none.
     *
     * @param time 0 s … 2 min; {@link BroadcastQueue#stop} waits for half its deadline at most
     * @return this builder
     */
    public Builder emptyFor(Duration time) {
      this.emptyFor = Rules.between("emptyFor", time, Duration.ZERO, Duration.ofMinutes(2));
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
    public BroadcastOptions build() {
      Duration renew = renewEvery == null ? lease.dividedBy(5) : renewEvery;
      if (renew.multipliedBy(2).compareTo(lease) > 0) {
        throw Rules.refused(
            "renewEvery",
            "must be half the lease of " + Rules.text(lease) + " at most",
            Rules.text(renew));
      }
      Duration settling = settleAfterCreate.plus(settleAfterPolicyChange).plus(renew);
      if (lease.compareTo(settling) <= 0) {
        throw Rules.refused(
            "lease",
            "must be longer than settle and renewEvery together, "
                + Rules.text(settling)
                + ", or it runs out within subscribe",
            Rules.text(lease));
      }
      return new BroadcastOptions(this, instance == null ? InstanceName.random() : instance, renew);
    }
  }
}
