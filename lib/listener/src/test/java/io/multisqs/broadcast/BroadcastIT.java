package io.multisqs.broadcast;

import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.sns.LocalSns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Broadcast queues on the local SNS and SQS. */
class BroadcastIT implements BroadcastContract {
  private static LocalSqs sqs;
  private static LocalSns sns;

  @BeforeAll
  static void start() {
    sqs = LocalSqs.start();
    sns = LocalSns.start(sqs);
  }

  @AfterAll
  static void stop() {
    sns.close();
    sqs.close();
  }

  @Override
  public SnsClient sns() {
    return sns.client();
  }

  @Override
  public SqsClient sqs() {
    return sqs.client();
  }
}
