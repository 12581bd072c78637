package io.multisqs.broadcast;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The contract holds of another SNS too: what {@link LocalSnsIT} shows is no invention. */
class FauxqsSnsIT implements SnsContract {
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
}
