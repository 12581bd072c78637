package io.multisqs.broadcast;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.*;

/** SNS's subscriptions in memory; a topic stands unless it is called {@code gone}. */
final class FakeSns implements SnsClient {
  /** By ARN, with the topic and the endpoint among the attributes. */
  final Map<String, Map<String, String>> subscriptions = new TreeMap<>(); // guarded by this

  final List<String> calls;
  volatile BiConsumer<String, String> before = (call, what) -> {};
  volatile String pending = "false";
  private int count;

  FakeSns(List<String> calls) {
    this.calls = calls;
  }

  private void called(String call, String what) {
    if (Thread.currentThread().isInterrupted()) {
      throw AbortedException.create("Thread was interrupted");
    }
    calls.add(call + " " + what.substring(what.lastIndexOf(':') + 1));
    before.accept(call, what);
  }

  private static void mustStand(String topic) {
    if (topic.endsWith(":gone")) {
      throw NotFoundException.builder().message("no topic " + topic).build();
    }
  }

  private Map<String, String> get(String arn) {
    Map<String, String> found = subscriptions.get(arn);
    if (found == null) {
      throw NotFoundException.builder().message("no subscription " + arn).build();
    }
    return found;
  }

  @Override
  public SubscribeResponse subscribe(SubscribeRequest r) {
    called("Subscribe", r.endpoint());
    synchronized (this) {
      mustStand(r.topicArn());
      for (Map.Entry<String, Map<String, String>> e : subscriptions.entrySet()) {
        if (e.getValue().get("Endpoint").equals(r.endpoint())
            && e.getValue().get("TopicArn").equals(r.topicArn())) {
          if (!e.getValue().entrySet().containsAll(r.attributes().entrySet())) {
            throw InvalidParameterException.builder().message("different attributes").build();
          }
          return SubscribeResponse.builder().subscriptionArn(e.getKey()).build();
        }
      }
      Map<String, String> made = new HashMap<>(r.attributes());
      made.put("Endpoint", r.endpoint());
      made.put("TopicArn", r.topicArn());
      String arn = r.topicArn() + ":s" + count++;
      subscriptions.put(arn, made);
      return SubscribeResponse.builder().subscriptionArn(arn).build();
    }
  }

  @Override
  public UnsubscribeResponse unsubscribe(UnsubscribeRequest r) {
    called("Unsubscribe", r.subscriptionArn());
    synchronized (this) {
      subscriptions.remove(r.subscriptionArn());
      return UnsubscribeResponse.builder().build();
    }
  }

  @Override
  public GetSubscriptionAttributesResponse getSubscriptionAttributes(
      GetSubscriptionAttributesRequest r) {
    called("GetSubscriptionAttributes", r.subscriptionArn());
    synchronized (this) {
      Map<String, String> all = new HashMap<>(get(r.subscriptionArn()));
      all.put("PendingConfirmation", pending);
      return GetSubscriptionAttributesResponse.builder().attributes(all).build();
    }
  }

  @Override
  public SetSubscriptionAttributesResponse setSubscriptionAttributes(
      SetSubscriptionAttributesRequest r) {
    called("SetSubscriptionAttributes", r.attributeName());
    synchronized (this) {
      get(r.subscriptionArn()).put(r.attributeName(), r.attributeValue());
      return SetSubscriptionAttributesResponse.builder().build();
    }
  }

  @Override
  public ListSubscriptionsByTopicResponse listSubscriptionsByTopic(
      ListSubscriptionsByTopicRequest r) {
    called("ListSubscriptionsByTopic", r.topicArn());
    synchronized (this) {
      mustStand(r.topicArn());
      return ListSubscriptionsByTopicResponse.builder()
          .subscriptions(
              subscriptions.entrySet().stream()
                  .filter(e -> e.getValue().get("TopicArn").equals(r.topicArn()))
                  .map(
                      e ->
                          Subscription.builder()
                              .protocol("sqs")
                              .topicArn(r.topicArn())
                              .endpoint(e.getValue().get("Endpoint"))
                              .subscriptionArn(e.getKey())
                              .build())
                  .toList())
          .build();
    }
  }

  @Override
  public String serviceName() {
    return "sns";
  }

  @Override
  public void close() {}
}
