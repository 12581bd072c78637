package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options);
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
}
