/**
 * An SQS to test against, in the same JVM: for the tests of this library's listener, and for those
 * of your handlers.
 *
 * <ul>
 *   <li>{@link io.multisqs.testkit.LocalSqs} is a real server, reached over HTTP on the loopback
 *       interface. It takes seconds to start, once in a JVM, and its time is real time. Use it to
 *       see that things work together.
 *   <li>{@link io.multisqs.testkit.InMemorySqs} is a client with the service inside it. It starts
 *       at once, its time is moved by hand with {@link io.multisqs.testkit.VirtualTime}, and it
 *       fails when it is told to. Use it for all that has to do with time and failure.
 * </ul>
 *
 * <p>A handler's test against the server:
 *
 * <pre>{@code
 * @WithLocalSqs
 * class OrderHandlerTest {
 *   @Test
 *   void storesOrder(LocalSqs sqs) {
 *     String url = sqs.createQueue("orders");
 *     sqs.client().sendMessage(r -> r.queueUrl(url).messageBody("{\"id\": 17}"));
 *     // Start the listener with sqs.client(), and await what the handler does.
 *   }
 * }
 * }</pre>
 *
 * <p>And one where a delete is lost and the message comes back:
 *
 * <pre>{@code
 * VirtualTime time = new VirtualTime();
 * InMemorySqs sqs = new InMemorySqs(time);
 * String url = sqs.createQueue("orders");
 * sqs.sendMessage(r -> r.queueUrl(url).messageBody("{\"id\": 17}"));
 * sqs.faults().on("orders").next(Operation.DELETE_BATCH, Fault.timeout());
 * // Let the handler run, then:
 * time.advance(Duration.ofSeconds(30)); // the queue's visibility timeout
 * assertThat(sqs.visible("orders")).isEqualTo(1);
 * assertThat(sqs.calls()).extracting(Call::operation).contains(Operation.DELETE_BATCH);
 * }</pre>
 *
 * <p>Where the two differ from what AWS documents is told in {@code lib/docs/TESTKIT.md}.
 */
@NullMarked
package io.multisqs.testkit;

import org.jspecify.annotations.NullMarked;
