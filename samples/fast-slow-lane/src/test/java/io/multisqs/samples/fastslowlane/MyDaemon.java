package io.multisqs.samples.fastslowlane;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import java.util.List;

final class MyDaemon extends MultiSqsListener {
  MyDaemon(List<SqsListenerConfig> queues, ListenerOptions options) {
    super(queues, options);
  }

  @Override
  protected void handleMessage(String queue, String bus, int priority, ReceivedMessage message)
      throws Exception {
    System.out.println(queue + " says " + message.body());
  }

  public static void main(String[] args) {
    var low = SqsListenerConfig.of("low-priority-queue");
    var high =
        SqsListenerConfig.builder("high-priority-queue")
            .priority(5)
            .bus("high-priority-bus")
            .build();
    var options = ListenerOptions.builder().concurrency(10).stopOnShutdown(true).build();
    new MyDaemon(List.of(low, high), options).listen(); // until SIGTERM
  }
}
