// SPDX-License-Identifier: Apache-2.0
// Runs many of Kafka's command line tools in one JVM, which saves each its start. A line of standard input is a class and
// its arguments, with 0x1f between them; the answer is exit code, standard output and standard error as counted bytes.
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.utils.Exit;

public class ToolRunner {
    static final class Exited extends Error {
        final int code;

        Exited(int code) {
            this.code = code;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Exit.Procedure leave = (code, message) -> {
            throw new Exited(code);
        };
        Exit.setExitProcedure(leave);
        Exit.setHaltProcedure(leave);
        DataOutputStream answers = new DataOutputStream(System.out);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split("\u001f", -1);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
            int code = run(words[0], Arrays.copyOfRange(words, 1, words.length));
            System.out.flush();
            System.err.flush();
            answers.writeInt(code);
            for (ByteArrayOutputStream said : new ByteArrayOutputStream[] {out, err}) {
                answers.writeInt(said.size());
                said.writeTo(answers);
            }
            answers.flush();
        }
    }

    static int run(String tool, String[] arguments) throws Exception {
        try {
            Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) arguments);
            return 0;
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Exited) {
                return ((Exited) thrown.getCause()).code;
            }
            thrown.getCause().printStackTrace();
            return 1;
        }
    }
}
