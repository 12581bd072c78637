package io.multisqs.broadcast;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The tags by which a queue says who made it, for whom, and until when it is surely in use. The
 * sweep goes by them alone.
 *
 * @param prefix what the queue's name starts with
 * @param instance whose queue it is
 * @param topicArn what it is subscribed to
 * @param owner a random name of the {@link BroadcastQueue} that holds it
 * @param madeAt when it was created
 * @param leaseUntil when the lease runs out, or empty if the tag is not readable
 * @param formerTopic what it was subscribed to before, and may still be; or empty
 * @param sweptAt when a sweep last said that it is about to remove the queue
 */
record OwnerTags(
    String prefix,
    String instance,
    String topicArn,
    String owner,
    String madeAt,
    Optional<Instant> leaseUntil,
    String formerTopic,
    Optional<Instant> sweptAt) {
  /** What this library's own tags start with. */
  static final String NAMESPACE = "multisqs:";

  static final String LEASE_UNTIL = NAMESPACE + "lease-until";
  private static final String MADE_BY = NAMESPACE + "made-by";
  private static final String MADE_BY_THIS = "multi-sqs-listener/broadcast";
  private static final String MADE_AT = NAMESPACE + "made-at";
  private static final String PREFIX = NAMESPACE + "prefix";
  private static final String INSTANCE = NAMESPACE + "instance";
  private static final String TOPIC = NAMESPACE + "topic";
  private static final String OWNER = NAMESPACE + "owner";
  static final String FORMER_TOPIC = NAMESPACE + "former-topic";
  static final String SWEPT_AT = NAMESPACE + "swept-at";

  /** Of a queue that is made now. */
  static OwnerTags of(BroadcastOptions options, TopicArn topic) {
    return new OwnerTags(
        options.prefix(),
        options.instance(),
        topic.arn(),
        UUID.randomUUID().toString(),
        options.clock().instant().toString(),
        Optional.empty(),
        "",
        Optional.empty());
  }

  /** Reads a queue's tags; empty if this library did not make it. */
  static Optional<OwnerTags> of(Map<String, String> tags) {
    if (!MADE_BY_THIS.equals(tags.get(MADE_BY))) {
      return Optional.empty();
    }
    return Optional.of(
        new OwnerTags(
            tags.getOrDefault(PREFIX, ""),
            tags.getOrDefault(INSTANCE, ""),
            tags.getOrDefault(TOPIC, ""),
            tags.getOrDefault(OWNER, ""),
            tags.getOrDefault(MADE_AT, ""),
            instant(tags.getOrDefault(LEASE_UNTIL, "")),
            tags.getOrDefault(FORMER_TOPIC, ""),
            instant(tags.getOrDefault(SWEPT_AT, ""))));
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  OwnerTags leasedUntil(Instant until) {
    return new OwnerTags(
        prefix, instance, topicArn, owner, madeAt, Optional.of(until), formerTopic, sweptAt);
  }

  /** These tags on a queue that stood already. */
  OwnerTags on(OwnerTags before, String former) {
    return new OwnerTags(
        prefix, instance, topicArn, owner, before.madeAt, leaseUntil, former, Optional.empty());
  }

  /** Whether the queue is still held by the same one, and on the same lease. */
  boolean sameLease(OwnerTags other) {
    return owner.equals(other.owner) && leaseUntil.equals(other.leaseUntil);
  }

  boolean sameOwner(OwnerTags other) {
    return owner.equals(other.owner);
  }

  /** What the queue may be subscribed to. */
  List<String> topics() {
    return Stream.of(topicArn, formerTopic).filter(t -> !t.isEmpty()).distinct().toList();
  }

  /** All but what a sweep writes, which is for the sweep alone. */
  Map<String, String> asMap() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(MADE_BY, MADE_BY_THIS);
    tags.put(MADE_AT, madeAt);
    tags.put(PREFIX, prefix);
    tags.put(INSTANCE, instance);
    tags.put(TOPIC, topicArn);
    tags.put(OWNER, owner);
    leaseUntil.ifPresent(until -> tags.put(LEASE_UNTIL, until.toString()));
    if (!formerTopic.isEmpty()) {
      tags.put(FORMER_TOPIC, formerTopic);
    }
    return tags;
  }
}
