package io.multisqs.testkit;

import java.time.Duration;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class InMemorySqsContractTest implements SqsContract {

  private final VirtualTime time = new VirtualTime();
  private final InMemorySqs sqs = new InMemorySqs(time);

  @Override
  public SqsUnderTest sqs() {
    return new SqsUnderTest() {
      @Override
      public SqsClient client() {
        return sqs;
      }

      @Override
      public String createQueue(String name, Map<QueueAttributeName, String> attributes) {
        return sqs.createQueue(name, attributes);
      }

      @Override
      public void pass(Duration duration) {
        time.advance(duration);
      }
    };
  }

  @Override
  public String expected(Difference difference) {
    return difference.inMemory;
  }
}
