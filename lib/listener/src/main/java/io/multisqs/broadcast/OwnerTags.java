package io.multisqs.broadcast;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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
 */
record OwnerTags(
    String prefix,
    String instance,
    String topicArn,
    String owner,
    String madeAt,
    Optional<Instant> leaseUntil) {
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
            instant(tags.getOrDefault(LEASE_UNTIL, ""))));
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  OwnerTags leasedUntil(Instant until) {
    return new OwnerTags(prefix, instance, topicArn, owner, madeAt, Optional.of(until));
  }

  OwnerTags madeAt(String when) {
    return new OwnerTags(prefix, instance, topicArn, owner, when, leaseUntil);
  }

  Map<String, String> asMap() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put(MADE_BY, MADE_BY_THIS);
    tags.put(MADE_AT, madeAt);
    tags.put(PREFIX, prefix);
    tags.put(INSTANCE, instance);
    tags.put(TOPIC, topicArn);
    tags.put(OWNER, owner);
    leaseUntil.ifPresent(until -> tags.put(LEASE_UNTIL, until.toString()));
    return tags;
  }
}
