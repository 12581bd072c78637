package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.WithLocalSqs;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;

@WithLocalSqs
class AServerIsHandedOutTest {
  static LocalSqs seen;

  @Test
  void runsOnTheJunitOfTheProject() {
    assertEquals(
        System.getProperty("expected.junit.version"),
        Test.class.getPackage().getImplementationVersion());
  }

  @RepeatedTest(2)
  void startsEachTestWithoutQueues(LocalSqs sqs, SqsClient client) {
    seen = sqs;
    assertSame(sqs.client(), client);
    assertTrue(client.listQueues().queueUrls().isEmpty());
    String url = sqs.createQueue("orders");
    client.sendMessage(r -> r.queueUrl(url).messageBody("17"));
    assertEquals("17", client.receiveMessage(r -> r.queueUrl(url)).messages().get(0).body());
  }

  @Nested
  class Inside {
    @Test
    void sharesTheServer(LocalSqs sqs) {
      assertTrue(seen == null || seen == sqs);
    }
  }
}
