package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.policybuilder.iam.IamAction;
import software.amazon.awssdk.policybuilder.iam.IamCondition;
import software.amazon.awssdk.policybuilder.iam.IamConditionOperator;
import software.amazon.awssdk.policybuilder.iam.IamEffect;
import software.amazon.awssdk.policybuilder.iam.IamPolicy;
import software.amazon.awssdk.policybuilder.iam.IamPrincipal;
import software.amazon.awssdk.policybuilder.iam.IamPrincipalType;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/**
 * Broadcast queues on another SNS and SQS; and what ElasticMQ takes but does not give back:
 * retention, policy and key.
 */
class BroadcastFauxqsIT implements BroadcastContract {
  private static Fauxqs fauxqs;

  @BeforeAll
  static void start() {
    fauxqs = Fauxqs.start();
  }

  @AfterAll
  static void stop() {
    if (fauxqs != null) {
      fauxqs.close();
    }
  }

  @Override
  public SnsClient sns() {
    return fauxqs.sns();
  }

  @Override
  public SqsClient sqs() {
    return fauxqs.sqs();
  }

  private Map<QueueAttributeName, String> attributes(BroadcastQueue queue) {
    return sqs()
        .getQueueAttributes(
            r -> r.queueUrl(queue.queueUrl()).attributeNames(QueueAttributeName.ALL))
        .attributes();
  }

  @Test
  void queueHasRetentionPolicyAndKey() {
    String topic = sns().createTopic(r -> r.name("keyed")).topicArn();
    BroadcastOptions options = options("keyed").instance("i-1").kmsKeyId("alias/pool").build();
    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options)) {
      assertThat(attributes(queue))
          .containsEntry(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "3600")
          .containsEntry(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/pool");
      assertThat(attributes(queue).get(QueueAttributeName.POLICY))
          .contains("\"ArnEquals\":{\"aws:SourceArn\":\"" + topic + "\"}");
    }
  }

  @Test
  void takenOverQueueKeepsThePolicyThatOthersExtended() {
    String topic = sns().createTopic(r -> r.name("policed")).topicArn();
    BroadcastOptions options = options("policed").instance("i-1").build();
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options).asOfAnotherProcess();
    String theirs =
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"theirs\",\"Effect\":\"Allow\","
            + "\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"sqs:ReceiveMessage\","
            + "\"Resource\":\"*\"}]}";
    sqs()
        .setQueueAttributes(
            r -> r.queueUrl(dead.queueUrl()).attributes(Map.of(QueueAttributeName.POLICY, theirs)));

    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options)) {
      assertThat(attributes(queue).get(QueueAttributeName.POLICY))
          .contains("\"Sid\":\"theirs\"", "\"aws:SourceArn\":\"" + topic + "\"");
      assertThat(queue.repairs()).hasSize(1);
    }
  }

  @Test
  void changedPolicyIsWaitedFor() {
    String topic = sns().createTopic(r -> r.name("waited")).topicArn();
    BroadcastOptions options =
        options("waited").instance("i-1").settle(Duration.ZERO, Duration.ofSeconds(2)).build();
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options);
    dead.abandon();
    BroadcastQueue same = BroadcastQueue.subscribe(topic, options);
    assertThat(same.repairs()).isEmpty();
    same.abandon();
    sqs()
        .setQueueAttributes(
            r -> r.queueUrl(dead.queueUrl()).attributes(Map.of(QueueAttributeName.POLICY, "")));

    long changed = System.nanoTime();
    BroadcastQueue.subscribe(topic, options).close();

    assertThat(Duration.ofNanos(System.nanoTime() - changed))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(2));
  }

  /** What SQS does with the queue's policy, for a message that a topic brings. */
  private boolean mayTopicSend(BroadcastQueue queue, String topic) {
    return IamPolicy.fromJson(attributes(queue).get(QueueAttributeName.POLICY))
        .statements()
        .stream()
        .anyMatch(
            s ->
                s.effect().equals(IamEffect.ALLOW)
                    && s.principals()
                        .equals(
                            List.of(
                                IamPrincipal.create(IamPrincipalType.SERVICE, "sns.amazonaws.com")))
                    && s.actions().equals(List.of(IamAction.create("sqs:SendMessage")))
                    && s.resources().stream().allMatch(r -> matches(r.value(), queue.queueArn()))
                    && s.conditions()
                        .equals(
                            List.of(
                                IamCondition.create(
                                    IamConditionOperator.ARN_EQUALS, "aws:SourceArn", topic))));
  }

  private static boolean matches(String pattern, String arn) {
    return Pattern.matches(Pattern.quote(pattern).replace("*", "\\E[^:]*\\Q"), arn);
  }

  @Test
  void onlyItsTopicMaySend() {
    String topic = sns().createTopic(r -> r.name("may")).topicArn();
    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options("may").build())) {
      assertThat(mayTopicSend(queue, topic)).isTrue();
      assertThat(mayTopicSend(queue, topic + "2")).isFalse();
      assertThat(IamPolicy.fromJson(attributes(queue).get(QueueAttributeName.POLICY)).statements())
          .as("nobody else may")
          .hasSize(1);
    }
  }

  @Test
  void topicOfBeforeMaySendNoMore() {
    String first = sns().createTopic(r -> r.name("first")).topicArn();
    String second = sns().createTopic(r -> r.name("second")).topicArn();
    BroadcastOptions options = options("moves").instance("i-1").build();
    BroadcastQueue.subscribe(first, options).abandon();

    try (BroadcastQueue queue = BroadcastQueue.subscribe(second, options)) {
      assertThat(mayTopicSend(queue, second)).isTrue();
      assertThat(mayTopicSend(queue, first)).isFalse();
    }
  }

  @Test
  void encryptedTopicReachesAnEncryptedQueue() {
    String topic =
        sns()
            .createTopic(
                r -> r.name("encrypted").attributes(Map.of("KmsMasterKeyId", "alias/topic")))
            .topicArn();
    assertThat(sns().getTopicAttributes(r -> r.topicArn(topic)).attributes())
        .containsEntry("KmsMasterKeyId", "alias/topic");
    BroadcastOptions options = options("encrypted").kmsKeyId("alias/pool").build();
    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options)) {
      sns().publish(r -> r.topicArn(topic).message("sealed"));

      assertThat(sqs().receiveMessage(r -> r.queueUrl(queue.queueUrl())).messages())
          .extracting(m -> m.body())
          .containsExactly("sealed");
    }
  }

  @Test
  void filterThatWasMadeToLookAtTheBodyIsSetRight() {
    String topic = sns().createTopic(r -> r.name("scoped")).topicArn();
    BroadcastOptions options =
        options("scoped").instance("i-1").filterPolicy("{\"kind\":[\"a\"]}").build();
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options);
    dead.abandon();
    sns()
        .setSubscriptionAttributes(
            r ->
                r.subscriptionArn(dead.subscriptionArn())
                    .attributeName("FilterPolicyScope")
                    .attributeValue("MessageBody"));

    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options)) {
      assertThat(queue.repairs())
          .contains("FilterPolicyScope was MessageBody, is MessageAttributes");
    }
  }
}
