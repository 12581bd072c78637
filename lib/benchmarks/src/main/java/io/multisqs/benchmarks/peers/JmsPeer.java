package io.multisqs.benchmarks.peers;

import com.amazon.sqs.javamessaging.ProviderConfiguration;
import com.amazon.sqs.javamessaging.SQSConnection;
import com.amazon.sqs.javamessaging.SQSConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Amazon's JMS library: a connection for each queue, and a session with a listener for each handler
 * wanted, since a session works on one message at a time.
 */
final class JmsPeer implements Consumer {
  private final SqsClient sqs;
  private final List<SQSConnection> connections = new ArrayList<>();

  JmsPeer(Setup setup) {
    sqs = Http.APACHE5.sync(setup, Math.max(50, 3 * setup.concurrency() * setup.queues().size()));
    try {
      for (int lane = 0; lane < setup.queues().size(); lane++) {
        connections.add(listen(setup, lane));
      }
    } catch (JMSException e) {
      throw new IllegalStateException("JMS refused to start", e);
    }
  }

  private SQSConnection listen(Setup setup, int lane) throws JMSException {
    SQSConnection connection =
        new SQSConnectionFactory(new ProviderConfiguration(), sqs).createConnection();
    for (int i = 0; i < setup.concurrency(); i++) {
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      session
          .createConsumer(session.createQueue(setup.queues().get(lane)))
          .setMessageListener(
              message -> {
                try {
                  setup.handler().handle(lane, ((TextMessage) message).getText());
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                  throw new IllegalStateException("interrupted, the message is kept", e);
                } catch (JMSException e) {
                  throw new IllegalStateException("a message without text", e);
                }
              });
    }
    connection.start();
    return connection;
  }

  @Override
  public void close() {
    // Closing a connection waits for its long polls, so the client is taken away first.
    sqs.close();
    try {
      for (SQSConnection connection : connections) {
        connection.close();
      }
    } catch (JMSException e) {
      throw new IllegalStateException("JMS refused to end", e);
    }
  }
}
