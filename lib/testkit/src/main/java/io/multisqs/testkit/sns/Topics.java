package io.multisqs.testkit.sns;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** All topics, by ARN. Safe for use by many threads. */
final class Topics {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,256}");
  private static final String FIFO = ".fifo";

  private final String region;
  private final String account;
  private final Deliveries deliveries;
  private final LongSupplier nanoTime;
  private final Map<String, Topic> byArn = new LinkedHashMap<>(); // guarded by this

  Topics(String region, String account, Deliveries deliveries, LongSupplier nanoTime) {
    this.region = region;
    this.account = account;
    this.deliveries = deliveries;
    this.nanoTime = nanoTime;
  }

  synchronized Topic create(String name, Map<String, String> attributes) {
    boolean fifo = name.endsWith(FIFO);
    String base = fifo ? name.substring(0, name.length() - FIFO.length()) : name;
    if (!NAME.matcher(base).matches() || fifo != "true".equals(attributes.get("FifoTopic"))) {
      throw SnsRefusal.invalid("Topic Name " + name);
    }
    String arn = "arn:aws:sns:" + region + ":" + account + ":" + name;
    Topic found = byArn.get(arn);
    if (found == null) {
      Topic created = new Topic(arn, account, attributes, deliveries, nanoTime);
      byArn.put(arn, created);
      return created;
    }
    if (!found.attributes().entrySet().containsAll(attributes.entrySet())) {
      throw SnsRefusal.invalid("Attributes Reason: Topic already exists with different attributes");
    }
    return found;
  }

  /** Deletes a topic with its subscriptions; one that is not there is deleted already. */
  synchronized void delete(String arn) {
    byArn.remove(arn);
  }

  synchronized Topic topic(String arn) {
    Topic topic = byArn.get(arn);
    if (topic == null) {
      throw SnsRefusal.notFound("Topic");
    }
    return topic;
  }

  synchronized List<Topic> all() {
    return new ArrayList<>(byArn.values());
  }

  List<Subscription> subscriptions() {
    List<Subscription> subscriptions = new ArrayList<>();
    all().forEach(topic -> subscriptions.addAll(topic.subscriptions()));
    return subscriptions;
  }

  Subscription subscription(String arn) {
    return subscriptions().stream()
        .filter(s -> s.arn().equals(arn))
        .findFirst()
        .orElseThrow(() -> SnsRefusal.notFound("Subscription"));
  }

  /** Ends a subscription; one that is not there has ended already, which SNS does not mind. */
  void unsubscribe(String arn) {
    all().forEach(topic -> topic.unsubscribe(arn));
  }
}
