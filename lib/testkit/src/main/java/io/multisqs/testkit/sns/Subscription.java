package io.multisqs.testkit.sns;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A queue's subscription to a topic. Safe for use by many threads. */
final class Subscription {
  private static final String RAW = "RawMessageDelivery";
  private static final String FILTER = "FilterPolicy";
  private static final String SCOPE = "FilterPolicyScope";

  private final String arn;
  private final String topicArn;
  private final String endpoint;
  private final String owner;
  private final Map<String, String> settings = new LinkedHashMap<>(); // guarded by this
  private @Nullable FilterPolicy filter; // guarded by this

  Subscription(
      String arn, String topicArn, String endpoint, String owner, Map<String, String> settings) {
    this.arn = arn;
    this.topicArn = topicArn;
    this.endpoint = endpoint;
    this.owner = owner;
    settings.forEach(this::set);
  }

  String arn() {
    return arn;
  }

  String topicArn() {
    return topicArn;
  }

  String endpoint() {
    return endpoint;
  }

  String owner() {
    return owner;
  }

  /** The name of the queue that it delivers to. */
  String queueName() {
    return endpoint.substring(endpoint.lastIndexOf(':') + 1);
  }

  synchronized boolean raw() {
    return "true".equals(settings.get(RAW));
  }

  synchronized boolean wants(Publication publication) {
    return filter == null || filter.accepts(publication.attributes());
  }

  synchronized boolean has(Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .allMatch(e -> Objects.equals(settings.get(e.getKey()), e.getValue()));
  }

  synchronized void set(String name, String value) {
    switch (name) {
      case RAW -> {
        if (!value.matches("(?i)true|false")) {
          throw SnsRefusal.invalid("Attributes Reason: RawMessageDelivery: Invalid value " + value);
        }
      }
      case FILTER -> filter = value.isEmpty() ? null : FilterPolicy.parse(value);
      case SCOPE -> {
        if (!value.equals("MessageAttributes")) {
          throw SnsRefusal.invalid("the local SNS filters by MessageAttributes, not by " + value);
        }
      }
      default -> throw SnsRefusal.invalid("AttributeName " + name);
    }
    if (value.isEmpty()) {
      settings.remove(name);
    } else {
      settings.put(name, value);
    }
  }

  synchronized Map<String, String> attributes() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("SubscriptionArn", arn);
    all.put("TopicArn", topicArn);
    all.put("Protocol", "sqs");
    all.put("Endpoint", endpoint);
    all.put("Owner", owner);
    all.put("PendingConfirmation", "false");
    all.put("ConfirmationWasAuthenticated", "true");
    all.put(RAW, "false");
    all.putAll(settings);
    return all;
  }
}
