package io.multisqs.testkit.sns;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A topic with its subscriptions. Safe for use by many threads. */
final class Topic {
  /** For how long a FIFO topic remembers a deduplication id: 5 minutes, as SNS does. */
  private static final long DEDUPLICATION = Duration.ofMinutes(5).toNanos();

  private static final int MAX_BYTES = 256 * 1024;

  /**
   * What a publisher is told.
   *
   * @param messageId made by the topic
   * @param sequenceNumber of a FIFO topic
   */
  record Published(String messageId, Optional<String> sequenceNumber) {}

  private record Seen(Published published, long at) {}

  private final String arn;
  private final String owner;
  private final Map<String, String> attributes;
  private final Deliveries deliveries;
  private final LongSupplier nanoTime;
  private final boolean fifo;
  // All guarded by this.
  private final Map<String, Subscription> byEndpoint = new LinkedHashMap<>();
  private final Map<String, Seen> seen = new HashMap<>();
  private long sequence;

  Topic(
      String arn,
      String owner,
      Map<String, String> attributes,
      Deliveries deliveries,
      LongSupplier nanoTime) {
    this.arn = arn;
    this.owner = owner;
    this.attributes = new LinkedHashMap<>(attributes);
    this.attributes.put("TopicArn", arn);
    this.attributes.put("Owner", owner);
    this.deliveries = deliveries;
    this.nanoTime = nanoTime;
    this.fifo = arn.endsWith(".fifo");
  }

  String arn() {
    return arn;
  }

  Map<String, String> attributes() {
    return attributes;
  }

  synchronized List<Subscription> subscriptions() {
    return new ArrayList<>(byEndpoint.values());
  }

  synchronized Subscription subscribe(String endpoint, Map<String, String> wanted) {
    if (!endpoint.matches("arn:aws[a-z-]*:sqs:[^:]*:[^:]*:.+")) {
      throw SnsRefusal.invalid("SQS endpoint ARN");
    }
    if (endpoint.endsWith(".fifo") && !fifo) {
      throw SnsRefusal.invalid("Endpoint Reason: FIFO SQS Queues can not be subscribed");
    }
    Subscription found = byEndpoint.get(endpoint);
    if (found == null) {
      String itsArn = arn + ":" + UUID.randomUUID();
      Subscription made = new Subscription(itsArn, arn, endpoint, owner, wanted);
      byEndpoint.put(endpoint, made);
      return made;
    }
    if (!found.has(wanted)) {
      throw SnsRefusal.invalid(
          "Attributes Reason: Subscription already exists with different attributes");
    }
    return found;
  }

  synchronized void unsubscribe(String subscriptionArn) {
    byEndpoint.values().removeIf(s -> s.arn().equals(subscriptionArn));
  }

  /** Refuses what this topic cannot take. */
  Publication checked(Publication publication) {
    if (publication.bytes() > MAX_BYTES) {
      throw SnsRefusal.invalid("Message too long");
    }
    if (!fifo) {
      if (publication.deduplicationId().isPresent()) {
        throw SnsRefusal.invalid(
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter"
                + " that is not valid for this topic type");
      }
      return publication;
    }
    if (publication.groupId().isEmpty()) {
      throw SnsRefusal.invalid("The MessageGroupId parameter is required for FIFO topics");
    }
    if (publication.deduplicationId().isPresent()) {
      return publication;
    }
    if (!"true".equals(attributes.get("ContentBasedDeduplication"))) {
      throw SnsRefusal.invalid(
          "The topic should either have ContentBasedDeduplication enabled or"
              + " MessageDeduplicationId provided explicitly");
    }
    return publication.withDeduplicationId(sha256(publication.message()));
  }

  Published publish(Publication publication) {
    return publish(List.of(checked(publication))).get(0);
  }

  /**
   * Publishes what was checked, in order. A FIFO topic delivers under its lock, since otherwise two
   * publishers could overtake each other on the way to a queue.
   */
  List<Published> publish(List<Publication> publications) {
    if (fifo) {
      synchronized (this) {
        return publishNow(publications);
      }
    }
    return publishNow(publications);
  }

  private List<Published> publishNow(List<Publication> publications) {
    List<Published> published = new ArrayList<>();
    List<Deliveries.Message> messages = new ArrayList<>();
    for (Publication publication : publications) {
      Published known = fifo ? known(publication) : null;
      if (known != null) {
        published.add(known);
        continue;
      }
      Published now = stamp(publication);
      published.add(now);
      messages.add(new Deliveries.Message(now, publication));
    }
    deliveries.deliver(messages, subscriptions());
    return published;
  }

  private synchronized Published stamp(Publication publication) {
    String id = UUID.randomUUID().toString();
    if (!fifo) {
      return new Published(id, Optional.empty());
    }
    // 20 digits, as SNS has them.
    Published published = new Published(id, Optional.of(String.format("1%019d", sequence++)));
    seen.put(
        publication.deduplicationId().orElseThrow(), new Seen(published, nanoTime.getAsLong()));
    return published;
  }

  private synchronized @Nullable Published known(Publication publication) {
    long now = nanoTime.getAsLong();
    seen.values().removeIf(s -> now - s.at >= DEDUPLICATION);
    Seen before = seen.get(publication.deduplicationId().orElseThrow());
    return before == null ? null : before.published;
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
