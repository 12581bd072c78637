package io.multisqs.testkit;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

@WithLocalSqs
class LocalSqsContractIT implements SqsContract {

  private LocalSqs sqs;

  @BeforeEach
  void take(LocalSqs injected) {
    sqs = injected;
  }

  @Override
  public SqsUnderTest sqs() {
    return new SqsUnderTest() {
      @Override
      public SqsClient client() {
        return sqs.client();
      }

      @Override
      public String createQueue(String name, Map<QueueAttributeName, String> attributes) {
        return sqs.createQueue(name, attributes);
      }

      @Override
      public void pass(Duration duration) {
        // The server's clock is the machine's, in milliseconds.
        long end = System.nanoTime() + duration.plusMillis(10).toNanos();
        await().pollInterval(10, TimeUnit.MILLISECONDS).until(() -> System.nanoTime() - end >= 0);
      }
    };
  }

  @Override
  public String expected(Difference difference) {
    return difference.elasticMq;
  }
}
