package io.multisqs.internal;

import io.multisqs.ListenerClock;
import io.multisqs.QueueAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * Sends a message to its queue's dead-letter queue now, with body and attributes and where it came
 * from. The caller deletes it after that, in this order: a crash between the two leaves two copies,
 * never none.
 */
final class DeadLetters {
  private static final Log log = Log.of("io.multisqs.DeadLetters");

  /** SQS takes ten message attributes at most (developer guide, message metadata). */
  private static final int MAX_ATTRIBUTES = 10;

  static final String SOURCE = "multisqs.source";

  /** What is given up for the source where a message has as many attributes as SQS takes. */
  private static final List<String> GIVEN_UP_FIRST =
      List.of("multisqs.failure", "multisqs.messageId");

  /** A redrive policy may change: it is read again, at the first failure and when this is over. */
  private static final long READ_AGAIN = Duration.ofMinutes(5).toNanos();

  /** How soon it is read again where there is none; doubled each time. */
  private static final long FIRST_WAIT = Duration.ofSeconds(1).toNanos();

  private final ListenerClock clock;
  private final Map<Lane, Target> targets = new ConcurrentHashMap<>();

  DeadLetters(ListenerClock clock) {
    this.clock = clock;
  }

  /**
   * Where a queue's dead letters go.
   *
   * @param arn of the dead-letter queue; null if there is none
   * @param url of the same
   * @param readAgainAt when to read the redrive policy again
   * @param pause how long that is
   */
  private record Target(@Nullable String arn, @Nullable String url, long readAgainAt, long pause) {}

  void send(Delivery delivery, Throwable failure) {
    Lane lane = delivery.lane;
    Target target = target(lane);
    String arn = target.arn;
    if (arn == null || target.url == null) {
      throw new IllegalStateException(
          "queue "
              + lane
              + " has no dead-letter queue: set its RedrivePolicy, or another retry policy");
    }
    try {
      lane.source()
          .gateway()
          .send(
              target.url,
              delivery.message.body(),
              attributes(delivery, failure),
              delivery.message.traceHeader().orElse(null),
              delivery.message.group().orElse(null),
              // The message's id, the same for every try of it: its own deduplication id may be
              // another's.
              QueueAddress.parse(arn).isFifo() ? delivery.id() : null);
    } catch (QueueDoesNotExistException e) {
      targets.remove(lane, target); // The policy may name another by now.
      throw e;
    }
  }

  private Target target(Lane lane) {
    long now = clock.nanoTime();
    Target known = targets.get(lane);
    if (known != null && now - known.readAgainAt < 0) {
      return known;
    }
    String arn = known == null ? lane.source().deadLetterArn() : known.arn;
    SqsGateway gateway = lane.source().gateway();
    try {
      arn =
          StartChecks.deadLetterArn(gateway.attributes(lane.source().url(), new ConnectionLimit()));
    } catch (RuntimeException e) {
      if (arn == null) {
        targets.put(lane, none(known, now));
        throw e;
      }
      log.debug("the redrive policy of {} cannot be read, and stands as it was", lane, e);
    }
    Target found = arn == null ? none(known, now) : there(arn, known, gateway, now);
    targets.put(lane, found);
    return found;
  }

  private static Target none(@Nullable Target known, long now) {
    long wait =
        known == null || known.arn != null ? FIRST_WAIT : Math.min(READ_AGAIN, 2 * known.pause);
    return new Target(null, null, now + wait, wait);
  }

  private static Target there(String arn, @Nullable Target known, SqsGateway gateway, long now) {
    String url = known != null && arn.equals(known.arn) ? known.url : null;
    if (url == null) {
      // A dead-letter queue is in its source's region and account (developer guide), so one client.
      QueueAddress address = QueueAddress.parse(arn);
      url = gateway.queueUrl(address.name(), address.ownerAccountId());
    }
    return new Target(arn, url, now + READ_AGAIN, READ_AGAIN);
  }

  /**
   * The message's own and where it comes from. Without its source it could never be sent back, so
   * that has a place in any case; the others as far as there is room.
   */
  private static Map<String, MessageAttributeValue> attributes(
      Delivery delivery, Throwable failure) {
    Map<String, MessageAttributeValue> attributes = new TreeMap<>(delivery.message.attributes());
    if (attributes.size() >= MAX_ATTRIBUTES && !attributes.containsKey(SOURCE)) {
      String givenUp =
          GIVEN_UP_FIRST.stream()
              .filter(attributes::containsKey)
              .findFirst()
              .orElseGet(() -> new TreeSet<>(attributes.keySet()).last());
      attributes.remove(givenUp);
      log.warn(
          "{} has {} attributes, as many as SQS takes: its dead letter has {} in place of {}",
          delivery.message,
          MAX_ATTRIBUTES,
          SOURCE,
          givenUp);
    }
    note(attributes, SOURCE, delivery.lane.source().arn());
    note(attributes, "multisqs.messageId", delivery.id());
    note(attributes, "multisqs.failure", failure.getClass().getName());
    return attributes;
  }

  private static void note(
      Map<String, MessageAttributeValue> attributes, String name, String value) {
    if (attributes.size() < MAX_ATTRIBUTES) {
      attributes.putIfAbsent(
          name, MessageAttributeValue.builder().dataType("String").stringValue(value).build());
    }
  }
}
