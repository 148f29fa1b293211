"""The check values that CS231n's assignments publish, as literals; channels-first arrays are turned to channels-last.

Source: cs231n/cs231n.github.io, assignments 1 and 2 (the same tables from 2018 on). Inputs are the notebooks' own:
`linspace` over all values, or NumPy's legacy generator with its seed.
"""

import numpy as np
import pytest

from core.engine.network import Network
from core.learning.losses import CrossEntropy
from core.learning.optimizers import SGD, Adam, RMSProp
from tests.drawing import chain

PUBLISHED = 1e-7
"""The notebooks ask for errors of e-8 or less, from values printed with eight digits."""


def spread(first, last, shape):
    return np.linspace(first, last, int(np.prod(shape))).reshape(shape)


def channels_last(x):
    return x.transpose(0, 2, 3, 1)


def channels_first(x):
    return x.transpose(0, 3, 1, 2)


def kernel_of(w):
    """Turn filters (K, C, F, F) into a kernel (F, F, C, K)."""
    return w.transpose(2, 3, 1, 0)


def assert_published(found, expected, tolerance=PUBLISHED):
    expected = np.array(expected)
    error = np.max(np.abs(found - expected) / np.maximum(1e-8, np.abs(found) + np.abs(expected)))
    assert found.shape == expected.shape
    assert error < tolerance


def convolution(x, w, b, **config):
    kernel = kernel_of(w)
    conv = ("Conv2D", {"filters": kernel.shape[3], "kernel_size": kernel.shape[:2], **config})
    net = Network(chain(channels_last(x).shape[1:], conv), "float64")
    net.weights["conv1/kernel"], net.weights["conv1/bias"] = kernel, b
    return net


def test_convolution_forward():
    x, w, b = spread(-0.1, 0.5, (2, 3, 4, 4)), spread(-0.2, 0.3, (3, 3, 4, 4)), spread(-0.1, 0.2, (3,))
    y = convolution(x, w, b, stride=2, padding=1).forward(channels_last(x))
    assert_published(
        channels_first(y),
        [
            [
                [[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]],
                [[0.21027089, 0.21661097], [0.22847626, 0.23004637]],
                [[0.50813986, 0.54309974], [0.64082444, 0.67101435]],
            ],
            [
                [[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]],
                [[0.69108355, 0.66880383], [0.59480972, 0.56776003]],
                [[2.36270298, 2.36904306], [2.38090835, 2.38247847]],
            ],
        ],
    )


def test_convolution_backward():
    random = np.random.RandomState(231)
    x, w, b, dy = (random.randn(*shape) for shape in [(4, 3, 5, 5), (2, 3, 3, 3), (2,), (4, 2, 5, 5)])
    net = convolution(x, w, b, padding=1)
    net.forward(channels_last(x))
    found = net.backward(channels_last(dy))
    dx = channels_first(found.inputs["input"])
    assert_published(
        dx[0, 0],
        [
            [2.0202264811062625, 1.3155724400168534, -3.150878541139839, 3.2389219689824182, -4.012148443193526],
            [1.71832340483002, -0.7092409795806347, -5.324215905693235, 0.7822982115867203, -2.1899573764114164],
            [-0.8292008931380155, 2.821344567617709, -1.255418209109498, -1.1317067908485445, -3.5583934629591196],
            [-0.33578303651373287, -2.769139475757042, 4.25723910905033, -0.8118245128584982, 2.7090101817331256],
            [0.08470526340396772, 0.4305885913840315, 2.9502206928092596, -2.927637346331141, -0.9387190738877389],
        ],
    )
    assert dx.sum() == pytest.approx(-25.297364850389386)
    assert np.abs(dx).sum() == pytest.approx(755.2873712405382)
    assert_published(
        found.weights["conv1/kernel"].transpose(3, 2, 0, 1),
        [
            [
                [
                    [3.7408322880511236, -1.1173693226760255, 5.650084752915143],
                    [-19.119629889665706, 5.654060373385501, 4.531247245716858],
                    [-3.632933797933479, 3.7616908691345516, 7.2047208679354044],
                ],
                [
                    [7.033953121956803, -4.572783402433124, -7.845142304786717],
                    [5.666913875122369, -12.929592215717197, -0.40313598318437505],
                    [5.286822522512167, 11.214256666233362, -3.412230783931874],
                ],
                [
                    [9.39415068840227, -22.212101501580623, -16.203363035570717],
                    [-14.393953023707097, -15.521579275807156, -8.186911798861107],
                    [2.5098062024435928, -2.0836431269007085, -1.9067544628056519],
                ],
            ],
            [
                [
                    [-9.065708613166121, 11.872442962305792, -7.4139181619854355],
                    [-0.12837405197884166, -7.238888756437193, 9.17635209439788],
                    [4.145487122410737, 23.188411419476058, -9.492226480297479],
                ],
                [
                    [2.5817180096945984, -1.7816311230289301, -1.1084545220493336],
                    [-13.760070623181075, 3.9126949655426735, -6.562750022158802],
                    [3.275077151619965, -4.387903714566428, 10.093106562412942],
                ],
                [
                    [-14.349396740187615, -2.802960407244526, -3.7236811073826237],
                    [0.6515429433960076, 24.280017990214695, -10.360122144635683],
                    [-3.1623640676264793, 1.525306027682253, 3.6837198237573183],
                ],
            ],
        ],
    )
    assert_published(found.weights["conv1/bias"], [0.470503883529787, 1.8000732775996582])


def test_max_pool_forward():
    net = Network(chain((4, 4, 3), "MaxPool2D"), "float64")
    y = net.forward(channels_last(spread(-0.3, 0.4, (2, 3, 4, 4))))
    assert_published(
        channels_first(y),
        [
            [
                [[-0.26315789, -0.24842105], [-0.20421053, -0.18947368]],
                [[-0.14526316, -0.13052632], [-0.08631579, -0.07157895]],
                [[-0.02736842, -0.01263158], [0.03157895, 0.04631579]],
            ],
            [
                [[0.09052632, 0.10526316], [0.14947368, 0.16421053]],
                [[0.20842105, 0.22315789], [0.26736842, 0.28210526]],
                [[0.32631579, 0.34105263], [0.38526316, 0.4]],
            ],
        ],
    )


def test_max_pool_backward():
    random = np.random.RandomState(231)
    x, dy = random.randn(3, 2, 8, 8), random.randn(3, 2, 4, 4)
    net = Network(chain((8, 8, 2), "MaxPool2D"), "float64")
    net.forward(channels_last(x))
    dx = channels_first(net.backward(channels_last(dy)).inputs["input"])
    assert_published(
        dx[0, 0],
        [
            [0.0, 2.130457657884656, 0.0, 0.0, 0.0, 0.0, 0.0, -0.6610662208028235],
            [0.0, 0.0, 0.0, 0.3193476940511272, 0.0, -0.5143891107819274, 0.0, 0.0],
            [0.0, -3.3597452325084314, 0.0, 2.253886444802261, 0.0, 0.0, 0.0, -1.0844000340829583],
            [0.0, 0.0, 0.0, 0.0, 0.0, -0.3097509488072764, 0.0, 0.0],
            [0.0, -0.5460099937158073, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 1.8296105534634395, 0.0, -0.048905622646079866, 0.0, 0.20649855073529177],
            [0.0, 0.19942937011146955, -0.2888530783446675, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.6653074398869638, -0.598993915312192, 0.0],
        ],
    )
    assert dx.sum() == pytest.approx(0.16427886774805778)


def test_affine_forward():
    net = Network(chain((4, 5, 6), "Flatten", ("Dense", {"units": 3})), "float64")
    net.weights["fc2/kernel"], net.weights["fc2/bias"] = spread(-0.2, 0.3, (120, 3)), spread(-0.3, 0.1, (3,))
    y = net.forward(spread(-0.1, 0.5, (2, 4, 5, 6)))
    assert_published(y, [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]])


def test_relu_forward():
    y = Network(chain((4,), "ReLU"), "float64").forward(spread(-0.5, 0.5, (3, 4)))
    assert_published(
        y, [[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]]
    )


def two_layers(n_features, n_hidden, n_classes, weights):
    drawn = chain((n_features,), ("Dense", {"units": n_hidden}), "ReLU", ("Dense", {"units": n_classes}))
    net = Network(drawn, "float64")
    for name, values in zip(("fc1/kernel", "fc1/bias", "fc3/kernel", "fc3/bias"), weights, strict=True):
        net.weights[name] = values
    return net


def test_two_layer_net():
    weights = spread(-0.7, 0.3, (5, 50)), spread(-0.1, 0.9, (50,)), spread(-0.3, 0.4, (50, 7)), spread(-0.9, 0.1, (7,))
    net = two_layers(5, 50, 7, weights)
    x, labels = spread(-5.5, 4.5, (5, 3)).T, np.array([0, 5, 1])
    assert_published(
        net.forward(x),
        [
            [11.53165108, 12.2917344, 13.05181771, 13.81190102, 14.57198434, 15.33206765, 16.09215096],
            [12.05769098, 12.74614105, 13.43459113, 14.1230412, 14.81149128, 15.49994135, 16.18839143],
            [12.58373087, 13.20054771, 13.81736455, 14.43418138, 15.05099822, 15.66781506, 16.2846319],
        ],
    )
    loss, _ = net.loss_and_gradient(x, labels)
    assert loss == pytest.approx(3.4702243556, rel=1e-10)
    punished = loss + 0.5 * sum((net.weights[name] ** 2).sum() for name in ("fc1/kernel", "fc3/kernel"))
    assert punished == pytest.approx(26.5948426952, rel=1e-10)


def test_two_layer_net_of_the_first_assignment():
    random = np.random.RandomState(0)
    weights = 0.1 * random.randn(4, 10), np.zeros(10), 0.1 * random.randn(10, 3), np.zeros(3)
    x, labels = 10 * np.random.RandomState(1).randn(5, 4), np.array([0, 1, 2, 2, 1])
    net = two_layers(4, 10, 3, weights)
    assert_published(
        net.forward(x),
        [
            [-0.81233741, -1.27654624, -0.70335995],
            [-0.17129677, -1.18803311, -0.47310444],
            [-0.51590475, -1.01354314, -0.8504215],
            [-0.15419291, -0.48629638, -0.52901952],
            [-0.00618733, -0.12435261, -0.15226949],
        ],
        1e-6,
    )
    loss, _ = net.loss_and_gradient(x, labels)
    punished = loss + 0.05 * sum((net.weights[name] ** 2).sum() for name in ("fc1/kernel", "fc3/kernel"))
    assert punished == pytest.approx(1.30378789133, rel=1e-10)


def test_softmax_loss_of_scores_near_zero():
    random = np.random.RandomState(231)
    scores, labels = 0.001 * random.randn(50, 10), random.randint(10, size=50)
    loss, _ = CrossEntropy().measure(scores, labels)
    assert loss == pytest.approx(2.302545844500738, rel=1e-12)
    net = Network(chain((10,), "Softmax"), "float64")
    assert net.evaluate(scores, labels)[0] / 50 == pytest.approx(loss, rel=1e-12)


def test_sgd_with_momentum():
    w, dw = spread(-0.4, 0.6, (20,)), spread(-0.6, 0.4, (20,))
    velocity = -spread(0.6, 0.9, (20,)) / 1e-3  # the notebook's velocity has the learning rate and the sign in it
    SGD(learning_rate=1e-3, momentum=0.9).update(w, dw, (velocity,), 1, np.empty(20))
    assert_published(
        w,
        np.ravel(
            [
                [0.1406, 0.20738947, 0.27417895, 0.34096842, 0.40775789],
                [0.47454737, 0.54133684, 0.60812632, 0.67491579, 0.74170526],
                [0.80849474, 0.87528421, 0.94207368, 1.00886316, 1.07565263],
                [1.14244211, 1.20923158, 1.27602105, 1.34281053, 1.4096],
            ]
        ),
    )
    assert_published(
        velocity * -1e-3,
        np.ravel(
            [
                [0.5406, 0.55475789, 0.56891579, 0.58307368, 0.59723158],
                [0.61138947, 0.62554737, 0.63970526, 0.65386316, 0.66802105],
                [0.68217895, 0.69633684, 0.71049474, 0.72465263, 0.73881053],
                [0.75296842, 0.76712632, 0.78128421, 0.79544211, 0.8096],
            ]
        ),
    )


def test_rmsprop():
    w, dw, cache = spread(-0.4, 0.6, (20,)), spread(-0.6, 0.4, (20,)), spread(0.6, 0.9, (20,))
    RMSProp(learning_rate=1e-2).update(w, dw, (cache,), 1, np.empty(20))
    assert_published(
        w,
        np.ravel(
            [
                [-0.39223849, -0.34037513, -0.28849239, -0.23659121, -0.18467247],
                [-0.132737, -0.08078555, -0.02881884, 0.02316247, 0.07515774],
                [0.12716641, 0.17918792, 0.23122175, 0.28326742, 0.33532447],
                [0.38739248, 0.43947102, 0.49155973, 0.54365823, 0.59576619],
            ]
        ),
        1e-6,
    )
    assert_published(
        cache,
        np.ravel(
            [
                [0.5976, 0.6126277, 0.6277108, 0.64284931, 0.65804321],
                [0.67329252, 0.68859723, 0.70395734, 0.71937285, 0.73484377],
                [0.75037008, 0.7659518, 0.78158892, 0.79728144, 0.81302936],
                [0.82883269, 0.84469141, 0.86060554, 0.87657507, 0.8926],
            ]
        ),
    )


def test_adam():
    w, dw = spread(-0.4, 0.6, (20,)), spread(-0.6, 0.4, (20,))
    mean, square = spread(0.6, 0.9, (20,)), spread(0.7, 0.5, (20,))
    Adam(learning_rate=1e-2).update(w, dw, (mean, square), 6, np.empty(20))
    assert_published(
        w,
        np.ravel(
            [
                [-0.40094747, -0.34836187, -0.29577703, -0.24319299, -0.19060977],
                [-0.1380274, -0.08544591, -0.03286534, 0.01971428, 0.0722929],
                [0.1248705, 0.17744702, 0.23002243, 0.28259667, 0.33516969],
                [0.38774145, 0.44031188, 0.49288093, 0.54544852, 0.59801459],
            ]
        ),
        1e-6,
    )
    assert_published(
        mean,
        np.ravel(
            [
                [0.48, 0.49947368, 0.51894737, 0.53842105, 0.55789474],
                [0.57736842, 0.59684211, 0.61631579, 0.63578947, 0.65526316],
                [0.67473684, 0.69421053, 0.71368421, 0.73315789, 0.75263158],
                [0.77210526, 0.79157895, 0.81105263, 0.83052632, 0.85],
            ]
        ),
    )
    assert_published(
        square,
        np.ravel(
            [
                [0.69966, 0.68908382, 0.67851319, 0.66794809, 0.65738853],
                [0.64683452, 0.63628604, 0.6257431, 0.61520571, 0.60467385],
                [0.59414753, 0.58362676, 0.57311152, 0.56260183, 0.55209767],
                [0.54159906, 0.53110598, 0.52061845, 0.51013645, 0.49966],
            ]
        ),
    )
